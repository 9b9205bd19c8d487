/** Makes a pressable a real link: Enter, middle click, copy address. */
export function linkProps(href: string): object {
  return { href };
}

/**
 * Whether the press is the browser's to answer: a new tab or window. Otherwise it
 * is ours, and the browser is told not to load the page anew.
 */
export function isForBrowser(event: object): boolean {
  const click = event as { metaKey?: boolean; ctrlKey?: boolean; shiftKey?: boolean; preventDefault(): void };
  if (click.metaKey || click.ctrlKey || click.shiftKey) return true;
  click.preventDefault();
  return false;
}

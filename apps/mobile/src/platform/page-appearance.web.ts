/** Tells the page around the app: its background, scroll bars, focus rings and form controls. */
export function paintPage(appearance: 'light' | 'dark'): void {
  document.documentElement.dataset['appearance'] = appearance;
}

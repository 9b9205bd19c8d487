/** Lets the up and down arrows move the focus between the elements that match `stops` inside the view. */
export function arrowKeyProps(stops: string): object {
  return {
    onKeyDown(event: { key: string; currentTarget: HTMLElement; preventDefault(): void }) {
      const step = STEPS[event.key];
      if (step === undefined) return;
      const elements = [...event.currentTarget.querySelectorAll<HTMLElement>(stops)];
      const at = elements.findIndex((element) => element === document.activeElement);
      const next = elements[Math.max(0, Math.min(at + step, elements.length - 1))];
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
  };
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY };

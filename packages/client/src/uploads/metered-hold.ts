import type { MeterPort } from '../ports/ports.ts';

/** Whether files wait for a connection that costs nothing extra: because this one does, and the person wants them to. */
export class MeteredHold {
  readonly #meter: MeterPort | undefined;
  readonly #changed: (isHeld: boolean) => void;
  readonly #unsubscribe: (() => void) | undefined;
  #isWanted = false;
  #wasHeld = false;

  constructor(meter: MeterPort | undefined, changed: (isHeld: boolean) => void) {
    this.#meter = meter;
    this.#changed = changed;
    this.#unsubscribe = meter?.subscribe(() => this.#look());
  }

  get isHeld(): boolean {
    return this.#isWanted && this.#meter?.isMetered() === true;
  }

  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#look();
  }

  close(): void {
    this.#unsubscribe?.();
  }

  #look(): void {
    const { isHeld } = this;
    if (isHeld === this.#wasHeld) return;
    this.#wasHeld = isHeld;
    this.#changed(isHeld);
  }
}

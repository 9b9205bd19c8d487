/** Where this deployment is reached from outside: as configured, or as this machine sees it once it listens. */
export class PublicOrigin {
  readonly #configured: string | undefined;
  #listening = '';

  constructor(configured: string | undefined) {
    this.#configured = configured;
  }

  /** Without a slash at the end. */
  get url(): string {
    return this.#configured ?? this.#listening;
  }

  listening(url: string): void {
    this.#listening = url;
  }
}

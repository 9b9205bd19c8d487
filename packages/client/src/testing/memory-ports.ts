import { Listeners } from '../listeners.ts';
import type { NetworkPort, TokenStorage } from '../ports/ports.ts';

/** Token storage that forgets with the process. Two messengers with the same one are two tabs. */
export function createMemoryTokenStorage(initial: string | null = null): TokenStorage {
  let value = initial;
  return {
    load: async () => value,
    async save(next) {
      value = next;
    },
    async clear() {
      value = null;
    },
  };
}

/** A network that the test plugs in and out. */
export class ManualNetwork implements NetworkPort {
  readonly #listeners = new Listeners<boolean>((error) => {
    throw error;
  });
  #isOnline = true;

  isOnline(): boolean {
    return this.#isOnline;
  }

  subscribe(listener: (isOnline: boolean) => void): () => void {
    return this.#listeners.subscribe(listener);
  }

  set(isOnline: boolean): void {
    this.#isOnline = isOnline;
    this.#listeners.emit(isOnline);
  }
}

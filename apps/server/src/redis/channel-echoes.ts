/** Nothing, in a form that every listener takes for nothing, of other versions as well. */
export const ECHO = '[]';

/** A second one, because the first may wait in a node that was busy. */
const UNHEARD_AT_MOST = 2;

/**
 * Whether what is said in channels is heard here: silent ones are said something,
 * which then has to come back. A listening connection of a cluster may be lost, or
 * listen at a server that does not lead any more, without anybody being told.
 */
export class ChannelEchoes {
  readonly #say: (channels: readonly string[]) => Promise<readonly boolean[]>;
  /** Since the last look. */
  readonly #heard = new Set<string>();
  /** Echoes that Redis took and that did not come back. */
  readonly #unheard = new Map<string, number>();

  /** @param say says `ECHO` in each channel; answers which of them Redis took */
  constructor(say: (channels: readonly string[]) => Promise<readonly boolean[]>) {
    this.#say = say;
  }

  heard(channel: string): void {
    this.#heard.add(channel);
    this.#unheard.delete(channel);
  }

  /** Listening begins anew. */
  clear(): void {
    this.#heard.clear();
    this.#unheard.clear();
  }

  /** To be called at intervals. False when one of the channels is not heard any more. */
  async look(channels: readonly string[]): Promise<boolean> {
    if (channels.some((channel) => (this.#unheard.get(channel) ?? 0) >= UNHEARD_AT_MOST)) return false;
    // Any of the deployment's nodes may have said something: then nobody needs to.
    const silent = channels.filter((channel) => !this.#heard.delete(channel));
    const taken = await this.#say(silent);
    for (const [index, channel] of silent.entries()) {
      // What was not taken says nothing: that part of Redis is away for whoever speaks, too.
      if (taken[index] === true && !this.#heard.has(channel)) this.#unheard.set(channel, (this.#unheard.get(channel) ?? 0) + 1);
    }
    return true;
  }
}

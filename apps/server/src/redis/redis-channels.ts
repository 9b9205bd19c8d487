import { ChannelEchoes, ECHO } from './channel-echoes.ts';
import type { RedisClient, RedisCommand, RedisLink } from './redis-link.ts';

/** An answer on the listening connection takes no longer than this, or it is dead and opened anew. */
const SILENT_MS = 1_500;
/** A connection that only listens would never notice that nobody is there. */
const PING_EVERY_MS = 1_000;
/** Before another try in a cluster that is changing its parts. */
const ANEW_AFTER_MS = 250;
/** While Redis answers: a client that does not listen after so many looks, five seconds, never will. */
const DEAF_LOOKS_AT_MOST = 10;
/** Of a cluster: noticed after four looks at the latest and mended with the next connection, within the five seconds of rule X2. */
const ECHO_EVERY_MS = 500;

/**
 * Listens to channels of Redis, over one connection for all of them. Sharded
 * channels in a cluster, which have a connection for each of its parts; plain
 * ones otherwise.
 */
export class RedisChannels {
  readonly #link: RedisLink;
  #client: RedisClient;
  readonly #listeners = new Map<string, (text: string) => void>();
  readonly #onGap = new Set<() => void>();
  readonly #onDeaf = new Set<() => void>();
  readonly #echoes: ChannelEchoes;
  readonly #pinger: NodeJS.Timeout;
  #isReady = false;
  #isClosed = false;
  #deafLooks = 0;
  /** Parts of a cluster that were lost, ever. */
  #losses = 0;
  #anew: NodeJS.Timeout | undefined;

  constructor(link: RedisLink) {
    this.#link = link;
    this.#echoes = new ChannelEchoes((channels) => this.#say(channels));
    this.#client = this.#open();
    // A ping of a cluster goes past its connections that listen.
    const [everyMs, look] = link.isCluster ? [ECHO_EVERY_MS, () => this.#lookForEchoes()] : [PING_EVERY_MS, () => this.#client.ping().catch(() => undefined)];
    this.#pinger = setInterval(() => void look(), everyMs).unref();
  }

  /** Takes effect soon; whoever must have heard everything listens to `onGap` too. */
  listen(channel: string, listener: (text: string) => void): void {
    this.#listeners.set(channel, listener);
    if (this.#client.status === 'ready') void this.#listen([channel]);
  }

  /** Told when listening begins, and begins again: what was said before that was not heard. */
  onGap(listener: () => void): void {
    this.#onGap.add(listener);
  }

  /** Told when listening ends: until `onGap` nothing that is said is heard. */
  onDeaf(listener: () => void): void {
    this.#onDeaf.add(listener);
  }

  /** Whether everything that is said is heard. */
  get isListening(): boolean {
    return this.#isReady;
  }

  /** The command that says something in a channel. */
  publishing(channel: string, text: string): RedisCommand {
    return [this.publishCommand, channel, text];
  }

  get publishCommand(): 'SPUBLISH' | 'PUBLISH' {
    return this.#link.isCluster ? 'SPUBLISH' : 'PUBLISH';
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pinger);
    clearTimeout(this.#anew);
    this.#listeners.clear();
    this.#onGap.clear();
    this.#onDeaf.clear();
  }

  #hear(channel: string, text: string): void {
    this.#echoes.heard(channel);
    if (text !== ECHO) this.#listeners.get(channel)?.(text);
  }

  async #say(channels: readonly string[]): Promise<readonly boolean[]> {
    const answers = await this.#link.run(channels.map((channel) => this.publishing(channel, ECHO))).catch(() => []);
    return channels.map((_, index) => index in answers && !(answers[index] instanceof Error));
  }

  async #lookForEchoes(): Promise<void> {
    if (!this.#link.isUp) return;
    if (!this.#isReady) {
      this.#deafLooks += 1;
      if (this.#deafLooks >= DEAF_LOOKS_AT_MOST) this.#listenAnew();
      return;
    }
    this.#deafLooks = 0;
    if (await this.#echoes.look([...this.#listeners.keys()])) return;
    this.#loseOnePart();
  }

  #loseOnePart(): void {
    this.#losses += 1;
    if (!this.#isReady) return;
    this.#goDeaf();
    this.#listenAnew();
  }

  #open(): RedisClient {
    const client = this.#link.connect('channels', { commandTimeout: SILENT_MS, socketTimeout: SILENT_MS });
    const whileOurs = (task: () => void) => () => {
      if (client === this.#client) task();
    };
    client.on(this.#link.isCluster ? 'smessage' : 'message', (channel: string, text: string) => this.#hear(channel, text));
    client.on('ready', whileOurs(() => void this.#listen([...this.#listeners.keys()])));
    client.on('close', whileOurs(() => this.#goDeaf()));
    // Of a cluster one part alone is lost, or its channels are moved. The library may listen there again sooner than an echo is missed, and says nothing of what was missed meanwhile.
    for (const lost of ['-node', '-subscriber']) client.on(lost, whileOurs(() => this.#loseOnePart()));
    client.on('subscribersReady', whileOurs(() => this.#isReady && this.#tellGap()));
    return client;
  }

  /**
   * By the same connection, or in a cluster by another client: one that is told to
   * connect again while it looks for the cluster's parts may wait for ever for what
   * it has stopped itself.
   */
  #listenAnew(): void {
    if (this.#isClosed) return;
    if (!this.#link.isCluster) return this.#client.disconnect(true);
    this.#anew ??= setTimeout(() => {
      this.#anew = undefined;
      this.#deafLooks = 0;
      this.#goDeaf();
      const before = this.#client;
      this.#client = this.#open();
      this.#link.release(before);
    }, ANEW_AFTER_MS).unref();
  }

  #goDeaf(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    for (const listener of this.#onDeaf) listener();
  }

  async #listen(channels: readonly string[]): Promise<void> {
    const client = this.#client;
    const lossesBefore = this.#losses;
    this.#echoes.clear();
    try {
      // In a cluster channels live in different places, and each call goes to one.
      if (this.#link.isCluster) await Promise.all(channels.map((channel) => client.ssubscribe(channel)));
      else if (channels.length > 0) await client.subscribe(...channels);
    } catch {
      // Lost on the way: it is closed or will be.
      if (client === this.#client) this.#listenAnew();
      return;
    }
    if (client !== this.#client) return;
    // One part was lost while another was still asked.
    if (this.#losses > lossesBefore) return this.#listenAnew();
    if (this.#isReady) return;
    // One was added while the others were on their way: it is ready when all are heard.
    if (channels.length < this.#listeners.size) return this.#listen([...this.#listeners.keys()]);
    this.#isReady = true;
    this.#tellGap();
  }

  #tellGap(): void {
    for (const listener of this.#onGap) listener();
  }
}

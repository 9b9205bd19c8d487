import type { UserId } from '@couplet/protocol';
import type { RedisChannels } from '../../redis/redis-channels.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisCommand, RedisLink } from '../../redis/redis-link.ts';
import type { UserPlaces } from '../../redis/user-places.ts';
import type { Delivery } from '../fanout.ts';
import { encodeDeliveries } from './delivery-codec.ts';
import { LONGEST_STREAM } from './node-inbox.ts';
import { PlaceGuesses } from './place-guesses.ts';

export interface DeliverySenderOptions {
  link: Pick<RedisLink, 'isUp' | 'run'>;
  keys: RedisKeys;
  channels: Pick<RedisChannels, 'publishing'>;
  /** This one: what it sends is for the others. */
  node: string;
  places: Pick<UserPlaces, 'lookUps' | 'read'>;
  onSent(deliveries: number): void;
  /** Redis did not take them: whether others got them nobody knows. */
  onDropped(deliveries: number): void;
  /** Around each batch, where somebody follows it. */
  follow?: ((batch: readonly Delivery[], send: () => Promise<void>) => Promise<void>) | undefined;
}

/** Deliveries of one round trip: what a commit of the write path makes, with room. */
const DELIVERIES_AT_ONCE = 2_000;
/** Deliveries that wait for the round trip under way, about 20 MB; beyond it the newest are dropped and read from the log. */
const WAITING_DELIVERIES = 20_000;

/** Sends deliveries to the nodes where their users are. In order, one round trip at a time. */
export class DeliverySender {
  readonly #options: DeliverySenderOptions;
  readonly #guesses = new PlaceGuesses();
  #waiting: Delivery[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: DeliverySenderOptions) {
    this.#options = options;
  }

  send(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    if (!this.#options.link.isUp || this.#waiting.length + deliveries.length > WAITING_DELIVERIES) return this.#options.onDropped(deliveries.length);
    for (const delivery of deliveries) this.#waiting.push(delivery);
    // One round trip at a time keeps the order; what comes meanwhile shares the next one.
    this.#sending ??= this.#sendWaiting();
  }

  /** Resolves when everything sent so far was given to Redis. */
  async flushed(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #sendWaiting(): Promise<void> {
    // From the end of this turn on: what one commit publishes goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, DELIVERIES_AT_ONCE);
      const send = () => this.#sendBatch(batch);
      await (this.#options.follow?.(batch, send) ?? send()).catch(() => this.#options.onDropped(batch.length));
    }
    this.#sending = undefined;
  }

  /**
   * Asks where the users are and sends to where they were last, in one round
   * trip; to where they are besides, which is rare, in a second one. So a guess
   * saves time and decides nothing.
   */
  async #sendBatch(batch: readonly Delivery[]): Promise<void> {
    const placed = batch.filter(({ payload }) => !concernsEveryNode(payload.type));
    const users = [...new Set(placed.map(({ to }) => to))];
    const guessed = this.#guesses.of(users);
    const { channels, keys, link, places } = this.#options;
    const forAll = encodeDeliveries(batch.filter(({ payload }) => concernsEveryNode(payload.type)));
    const lookUps = places.lookUps(users);
    const answers = await link.run([...lookUps, ...forAll.map((text) => channels.publishing(keys.everyNode, text)), ...this.#commands(placed, guessed)]);
    const found = places.read(users, answers);
    throwFirstError(answers);
    this.#guesses.learn(found);
    throwFirstError(await link.run(this.#commands(placed, found, guessed)));
  }

  /** What brings each delivery to the nodes of its user, but for those that it went to already. */
  #commands(deliveries: readonly Delivery[], nodes: ReadonlyMap<UserId, readonly string[]>, already?: ReadonlyMap<UserId, readonly string[]>): RedisCommand[] {
    const { channels, keys, node: self, onSent } = this.#options;
    const byNode = new Map<string, Delivery[]>();
    for (const delivery of deliveries) {
      for (const node of nodes.get(delivery.to) ?? []) {
        if (node === self || already?.get(delivery.to)?.includes(node)) continue;
        const known = byNode.get(node);
        if (known) known.push(delivery);
        else byNode.set(node, [delivery]);
      }
    }
    const commands: RedisCommand[] = [];
    for (const [node, going] of byNode) {
      for (const text of encodeDeliveries(going.filter(isSignal))) commands.push(channels.publishing(keys.signals(node), text));
      for (const text of encodeDeliveries(going.filter((delivery) => !isSignal(delivery)))) {
        // Not into a stream that nobody reads: it belonged to a node that is gone.
        commands.push(['XADD', keys.stream(node), 'NOMKSTREAM', 'MAXLEN', '~', LONGEST_STREAM, '*', 'd', text]);
      }
      onSent(going.length);
    }
    return commands;
  }
}

function throwFirstError(answers: readonly unknown[]): void {
  const failed = answers.find((answer) => answer instanceof Error);
  if (failed) throw failed;
}

/** These are for nodes, whatever is known of places: a stale one must not keep a session alive. */
export function concernsEveryNode(type: Delivery['payload']['type']): boolean {
  return type === 'session.revoked' || type === 'peer.severed';
}

/** A signal may be lost, and goes by a channel; an event goes by the stream. */
function isSignal({ payload }: Delivery): boolean {
  return !('position' in payload);
}

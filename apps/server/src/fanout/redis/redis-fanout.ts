import type { UserId } from '@couplet/protocol';
import type { NodeRegistry } from '../../redis/node-registry.ts';
import type { RedisChannels } from '../../redis/redis-channels.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisLink } from '../../redis/redis-link.ts';
import { UserPlaces } from '../../redis/user-places.ts';
import type { Delivery, DeliveryListener, Fanout } from '../fanout.ts';
import { MemoryFanout } from '../memory-fanout.ts';
import { decodeDeliveries } from './delivery-codec.ts';
import { concernsEveryNode, DeliverySender, type DeliverySenderOptions } from './delivery-sender.ts';
import { MissedDeliveries, type MissedDeliveriesOptions } from './missed-deliveries.ts';
import { claimInbox, NodeInbox } from './node-inbox.ts';

export interface RedisFanoutOptions extends Pick<MissedDeliveriesOptions, 'findLonger' | 'readAfter' | 'findSignals' | 'schedule' | 'onError'>, Pick<DeliverySenderOptions, 'follow'> {
  link: RedisLink;
  keys: RedisKeys;
  channels: RedisChannels;
  registry: NodeRegistry;
  /** Where a user's log ends. Never rejects; `undefined` when it cannot be known soon. */
  findEnd(userId: UserId): Promise<number | undefined>;
  /** Says to the other nodes, by way of the database, that something of this one may have been lost. */
  declareLapse(): void;
  /** What a dead node had not read. It is delivered to where its users are now; this is for whatever else is to be done. */
  onClaimed(deliveries: readonly Delivery[]): void;
  /** For this node, beside what its connections are told: a session was ended or a block was made, here or elsewhere. */
  onNodeSignal(delivery: Delivery): void;
  onClosed(): void;
  count: FanoutCounts;
}

/** What is counted, in deliveries unless it says otherwise. */
export interface FanoutCounts {
  sent(deliveries: number): void;
  received(deliveries: number): void;
  dropped(deliveries: number): void;
  rejected(parts: number): void;
  claimed(deliveries: number): void;
  lookedForMissed(users: number, events: number): void;
}

/** Every so many heartbeats of the node the places of its users are written again: a third of the time for which they are believed. */
const BEATS_PER_REFRESH = 6;

interface Subscribed {
  listeners: number;
  ready: Promise<void>;
}

/**
 * Fan-out between nodes. A delivery goes to the connections of this node at
 * once, and then to the streams of those nodes on which its user is connected,
 * signals to their channels. Redis may be away, slow or emptied at any moment:
 * then what it would have brought is read from the event log.
 */
export class RedisFanout implements Fanout {
  readonly #options: RedisFanoutOptions;
  readonly #local = new MemoryFanout();
  readonly #places: UserPlaces;
  readonly #missed: MissedDeliveries;
  readonly #inbox: NodeInbox;
  readonly #sender: DeliverySender;
  readonly #subscribed = new Map<UserId, Subscribed>();
  readonly #stopFollowing: () => void;
  #beats = 0;

  constructor(options: RedisFanoutOptions) {
    this.#options = options;
    const { link, keys, channels, registry } = options;
    this.#places = new UserPlaces({ link, keys, kind: 'connected', publishCommand: channels.publishCommand });
    this.#missed = new MissedDeliveries({ ...options, deliver: (deliveries) => this.#deliverHere(deliveries), onRound: options.count.lookedForMissed });
    this.#inbox = new NodeInbox({ link, keys, node: registry.node, onText: this.#receive, onGap: () => this.#missed.suspect() });
    this.#sender = new DeliverySender({
      link,
      keys,
      channels,
      node: registry.node,
      places: this.#places,
      onSent: options.count.sent,
      onDropped: (deliveries) => this.#dropped(deliveries),
      follow: options.follow,
    });
    channels.listen(keys.signals(registry.node), this.#receive);
    channels.listen(keys.everyNode, this.#receive);
    channels.onGap(() => this.#lookWhileDeaf());
    channels.onDeaf(() => this.#lookWhileDeaf());
    registry.onForgotten(() => this.#rewrite());
    registry.onBeat(() => this.#refresh());
    registry.onDead((node) => this.#claim(node));
    this.#stopFollowing = link.subscribe((isUp) => {
      this.#lookWhileDeaf();
      if (!isUp) return;
      // What was given to Redis last may be lost to others who saw no outage, or saw it earlier: in a server that was replaced, or that nobody else could reach.
      this.#options.declareLapse();
    });
    this.#lookWhileDeaf();
  }

  /** While Redis is away, or the channels are not heard; and once it is over for what was missed. Listening may take seconds to come back in a cluster whose parts changed places. */
  #lookWhileDeaf(): void {
    const { link, channels } = this.#options;
    if (link.isUp && channels.isListening) this.#missed.stop();
    else this.#missed.start();
  }

  /** Something was lost elsewhere: looks for it. */
  suspectLoss(): void {
    this.#missed.suspect();
  }

  publish(deliveries: readonly Delivery[]): void {
    this.#deliverHere(deliveries);
    this.#sender.send(deliveries);
  }

  async subscribe(userId: UserId, listener: DeliveryListener): Promise<() => void> {
    const unsubscribe = await this.#local.subscribe(userId, listener);
    const subscribed = this.#subscribed.get(userId) ?? { listeners: 0, ready: this.#arrive(userId) };
    this.#subscribed.set(userId, subscribed);
    subscribed.listeners += 1;
    await subscribed.ready;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      unsubscribe();
      subscribed.listeners -= 1;
      if (subscribed.listeners === 0) this.#leave(userId);
    };
  }

  /** Resolves when everything published so far was given to Redis. */
  flushed(): Promise<void> {
    return this.#sender.flushed();
  }

  async close(): Promise<void> {
    this.#stopFollowing();
    this.#options.onClosed();
    await this.flushed();
    await this.#missed.close();
    await this.#inbox.close();
    await this.#places.take([...this.#subscribed.keys()], this.#options.registry.node).catch(() => undefined);
    await this.#local.close();
  }

  /** The place is there before it resolves, and so is where the log ended at that moment. Whatever fails, the log makes up for it. */
  async #arrive(userId: UserId): Promise<void> {
    const { registry, findEnd } = this.#options;
    const [end] = await Promise.all([findEnd(userId), this.#places.put(userId, registry.node, 1).catch(() => this.#missed.suspect())]);
    if (this.#subscribed.has(userId)) this.#missed.follow(userId, end ?? 0);
  }

  #leave(userId: UserId): void {
    this.#subscribed.delete(userId);
    this.#missed.unfollow(userId);
    // What stays there in an outage expires.
    this.#places.take([userId], this.#options.registry.node).catch(() => undefined);
  }

  #deliverHere(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.#missed.note(delivery);
      if (concernsEveryNode(delivery.payload.type)) this.#options.onNodeSignal(delivery);
    }
    this.#local.publish(deliveries);
  }

  readonly #receive = (text: unknown): void => {
    const { deliveries, rejected } = decodeDeliveries(text);
    if (rejected > 0) this.#options.count.rejected(rejected);
    this.#options.count.received(deliveries.length);
    this.#deliverHere(deliveries);
  };

  /** The other nodes must look for it: they may see no outage themselves. */
  #dropped(deliveries: number): void {
    this.#options.count.dropped(deliveries);
    this.#options.declareLapse();
  }

  async #rewrite(): Promise<void> {
    this.#beats = 0;
    await this.#inbox.ensure();
    await this.#writePlaces();
    this.#missed.suspect();
  }

  async #refresh(): Promise<void> {
    this.#beats += 1;
    if (this.#beats % BEATS_PER_REFRESH === 0) await this.#writePlaces();
  }

  #writePlaces(): Promise<void> {
    return this.#places.refresh([...this.#subscribed.keys()], this.#options.registry.node, (userId) => this.#subscribed.get(userId)?.listeners);
  }

  async #claim(dead: string): Promise<void> {
    const { link, keys, registry, count, onClaimed } = this.#options;
    const claimed: Delivery[] = [];
    const onText = (text: unknown) => claimed.push(...decodeDeliveries(text).deliveries);
    await claimInbox({ link, keys, node: registry.node, onText }, dead);
    if (claimed.length === 0) return;
    count.claimed(claimed.length);
    this.publish(claimed);
    onClaimed(claimed);
  }
}

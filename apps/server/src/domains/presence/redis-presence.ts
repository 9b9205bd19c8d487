import { presenceSchema, type Presence, userIdSchema, type UserId } from '@couplet/protocol';
import { isoFromMicros, microsFromMillis } from '../../database/timestamps.ts';
import { parseJson } from '../../parse-json.ts';
import { attemptAll, attemptInLots } from '../../redis/attempt-all.ts';
import type { JoinedNodes } from '../../redis/joined-nodes.ts';
import { type Told, UserPlaces } from '../../redis/user-places.ts';
import type { NodePresence, PresenceElsewhere } from './node-presence.ts';

/** Users whose presence is written or taken back in one go. */
const USERS_AT_ONCE = 500;
/** Every so many heartbeats of the node what it wrote is written again: a third of the time for which it is believed. */
const BEATS_PER_REFRESH = 6;

export interface RedisPresenceOptions extends JoinedNodes {
  /** After Redis came back all nodes have said who is there within this: a heartbeat. */
  rewrittenWithinMs: number;
  schedule(delayMs: number, task: () => void): () => void;
  /** A user of a dead node is gone, as far as anybody knows since `at`. */
  onLeft(userId: UserId, at: string): void;
  onError(error: unknown): void;
}

/**
 * Who is present on any node: a hash per user with the nodes they are connected
 * to, and a channel per shard in which coming and going is told to all nodes.
 */
export class RedisPresence implements PresenceElsewhere {
  readonly #options: RedisPresenceOptions;
  readonly #places: UserPlaces;
  readonly #here = new Set<UserId>();
  /** Who left, and when, until Redis took it: without them a person who leaves during an outage would be online after it. */
  readonly #left = new Map<UserId, string>();
  readonly #stopFollowing: () => void;
  #cancelReread: (() => void) | undefined;
  #beats = 0;
  #isClosed = false;
  #presence: NodePresence | undefined;

  constructor(options: RedisPresenceOptions) {
    this.#options = options;
    const { link, keys, channels, registry } = options;
    this.#places = new UserPlaces({ link, keys, kind: 'presence', publishCommand: channels.publishCommand });
    for (const shard of keys.shards) channels.listen(keys.presenceChannel(shard), (text) => this.#hear(text));
    channels.onGap(() => this.#rereadSoon());
    registry.onForgotten(() => this.#rewrite());
    registry.onBeat(() => this.#refresh());
    registry.onDead((node, heardAt) => this.#takeBack(node, isoFromMicros(microsFromMillis(heardAt))));
    this.#stopFollowing = link.subscribe((isUp) => {
      if (isUp) this.#rereadSoon();
      else this.#presence?.lost();
    });
  }

  attach(presence: NodePresence): void {
    this.#presence = presence;
  }

  get isKnown(): boolean {
    return this.#options.link.isUp;
  }

  arrived(userId: UserId): void {
    this.#left.delete(userId);
    this.#here.add(userId);
    const told = this.#told({ userId, status: 'online', lastSeenAt: null });
    // Both are under way before anything else is. What fails is written again with the next heartbeats.
    Promise.all([this.#note([userId]), this.#places.put(userId, this.#options.registry.node, this.#connections(userId), told)]).catch(() => undefined);
  }

  stayed(userId: UserId): void {
    this.#places.put(userId, this.#options.registry.node, this.#connections(userId)).catch(() => undefined);
  }

  #connections(userId: UserId): number {
    return this.#presence?.connectionCount(userId) ?? 1;
  }

  departed(userId: UserId, at: string): void {
    this.#here.delete(userId);
    this.#left.set(userId, at);
    // What fails is said again with the next heartbeats.
    this.#sayWhoLeft([userId]).catch(() => undefined);
  }

  async findOnline(userIds: readonly UserId[]): Promise<ReadonlySet<UserId> | null> {
    try {
      const places = await this.#places.find(userIds);
      return new Set(userIds.filter((userId) => (places.get(userId)?.length ?? 0) > 0));
    } catch {
      return null;
    }
  }

  /** Says nothing: a node that is restarted is no absence. Who has not come back elsewhere when this one is taken for dead is gone. */
  close(): void {
    this.#isClosed = true;
    this.#stopFollowing();
    this.#cancelReread?.();
  }

  #told(presence: Presence): Told {
    const { keys } = this.#options;
    return { channel: keys.presenceChannel(keys.shardOf(presence.userId)), text: JSON.stringify(presence) };
  }

  #hear(text: string): void {
    const parsed = presenceSchema.safeParse(parseJson(text));
    if (parsed.success) this.#presence?.hear(parsed.data);
  }

  /** Who left meanwhile is told with the next heartbeat: by then the other nodes have written who came to them. */
  async #rewrite(): Promise<void> {
    this.#beats = 0;
    await this.#writeWhoIsHere();
  }

  async #refresh(): Promise<void> {
    this.#beats += 1;
    const steps = [() => this.#sayWhoLeft([...this.#left.keys()])];
    if (this.#beats % BEATS_PER_REFRESH === 0) steps.push(() => this.#writeWhoIsHere());
    await attemptAll(steps);
  }

  /** Whose place was gone is told online: others were told that they are gone, or asked in between. */
  async #writeWhoIsHere(): Promise<void> {
    const { registry } = this.#options;
    await attemptInLots([...this.#here], USERS_AT_ONCE, async (lot) => {
      // Of each only if they are still here when their turn comes.
      const still = lot.filter((userId) => this.#here.has(userId));
      if (still.length === 0) return;
      const write = () =>
        this.#places.refresh(
          still,
          registry.node,
          (userId) => (this.#here.has(userId) ? this.#connections(userId) : undefined),
          (userId) => this.#told({ userId, status: 'online', lastSeenAt: null }),
        );
      await attemptAll([() => this.#note(still), write]);
    });
  }

  /** Before their places are written: what a node leaves behind must be known to whoever takes over. */
  async #note(userIds: readonly UserId[]): Promise<void> {
    const { link, keys, registry } = this.#options;
    const [answer] = await link.run([['SADD', keys.presentOn(registry.node), ...userIds]]);
    if (answer instanceof Error) throw answer;
  }

  /** @throws when Redis is away */
  async #sayWhoLeft(userIds: readonly UserId[]): Promise<void> {
    const { link, keys, registry } = this.#options;
    await attemptInLots(userIds, USERS_AT_ONCE, async (lot) => {
      const gone = new Map(lot.flatMap((userId) => {
        const at = this.#left.get(userId);
        return at === undefined ? [] : [[userId, at] as const];
      }));
      if (gone.size === 0) return;
      const ids = [...gone.keys()];
      const [, [answer]] = await Promise.all([
        this.#places.take(ids, registry.node, (userId) => this.#told({ userId, status: 'offline', lastSeenAt: gone.get(userId) ?? null })),
        link.run([['SREM', keys.presentOn(registry.node), ...ids]]),
      ]);
      if (answer instanceof Error) throw answer;
      // Not who came and left again meanwhile.
      for (const [userId, at] of gone) if (this.#left.get(userId) === at) this.#left.delete(userId);
    });
  }

  /** A dead node's users are gone, unless they are on another. */
  async #takeBack(dead: string, at: string): Promise<void> {
    const { link, keys, onLeft } = this.#options;
    for (let cursor = '0'; ; ) {
      const [answer] = await link.run([['SSCAN', keys.presentOn(dead), cursor, 'COUNT', USERS_AT_ONCE]]);
      if (answer instanceof Error) throw answer;
      const [next, members]: unknown[] = Array.isArray(answer) ? answer : [];
      const userIds = (Array.isArray(members) ? members : []).flatMap((member) => userIdSchema.safeParse(member).data ?? []);
      for (const userId of userIds) onLeft(userId, at);
      await this.#places.take(userIds, dead, (userId) => this.#told({ userId, status: 'offline', lastSeenAt: at }));
      if (typeof next !== 'string' || next === '0') break;
      cursor = next;
    }
    await link.run([['DEL', keys.presentOn(dead)]]);
  }

  /** What was told meanwhile was not heard. All nodes write anew within a heartbeat; before that nobody knows. */
  #rereadSoon(): void {
    this.#cancelReread?.();
    this.#cancelReread = this.#options.schedule(this.#options.rewrittenWithinMs, () => void this.#reread().catch(this.#options.onError));
  }

  async #reread(): Promise<void> {
    const isKnown = await this.#presence?.reread();
    // Given up by one answer that did not come: nothing else would ask again. A return of Redis does.
    if (isKnown === false && this.#options.link.isUp && !this.#isClosed) this.#rereadSoon();
  }
}

import type { ChannelMember } from './channel-state.ts';

interface Shown {
  /** Those whom some connection here is shown, and those whom every one is: they differ where one came after something was missed. */
  bySome: Set<string>;
  byAll: Set<string>;
  /** Whose coming or going was heard since the reading began: it may be newer than what is read. */
  heard: Set<string>;
}

/** What has to be told for a channel's connections to see who is there. */
export interface Correction {
  added: readonly ChannelMember[];
  removed: readonly string[];
}

/** Which users the connections of this node are shown in each presence channel, to find what was not heard. */
export class ShownMembers {
  readonly #shown = new Map<string, Shown>();

  get channels(): string[] {
    return [...this.#shown.keys()];
  }

  /** One more connection, which was shown these. */
  entered(channel: string, userIds: readonly string[]): void {
    const shown = this.#shown.get(channel);
    if (!shown) return void this.#shown.set(channel, { bySome: new Set(userIds), byAll: new Set(userIds), heard: new Set() });
    const seen = new Set(userIds);
    for (const userId of seen) shown.bySome.add(userId);
    for (const userId of shown.byAll) if (!seen.has(userId)) shown.byAll.delete(userId);
  }

  /** Nobody is there any more to be shown anything. */
  forget(channel: string): void {
    this.#shown.delete(channel);
  }

  /** All of them were told. */
  told(channel: string, userId: string, isThere: boolean): void {
    const shown = this.#shown.get(channel);
    if (!shown) return;
    shown.heard.add(userId);
    for (const users of [shown.bySome, shown.byAll]) {
      if (isThere) users.add(userId);
      else users.delete(userId);
    }
  }

  /** Before it is read who is there, for `correct`. */
  beginReading(channel: string): void {
    this.#shown.get(channel)?.heard.clear();
  }

  correct(channel: string, members: readonly ChannelMember[]): Correction {
    const shown = this.#shown.get(channel);
    if (!shown) return { added: [], removed: [] };
    const there = new Set(members.map(({ userId }) => userId));
    const added = members.filter(({ userId }) => !shown.byAll.has(userId) && !shown.heard.has(userId));
    const removed = [...shown.bySome].filter((userId) => !there.has(userId) && !shown.heard.has(userId));
    return { added, removed };
  }
}

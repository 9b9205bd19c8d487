import { expect } from 'vitest';
import type { Person } from './person.ts';
import { rowsInView } from './rows-in-view.ts';

/** Turns of the wheel are less than a screen, so that no row passes by unseen. */
const TURN = 600;

/**
 * Turns the wheel until the first (last) message shows. In every position the
 * rows in view must be a stretch of the conversation without a gap.
 */
export async function leafThrough(person: Person, order: readonly string[], direction: 'up' | 'down'): Promise<Set<string>> {
  const turn = direction === 'up' ? -TURN : TURN;
  const seen = new Set<string>();
  const places = new Map(order.map((id, index) => [id, index]));
  const goal = turn < 0 ? order[0] : order.at(-1);
  const list = await person.get('message-list').boundingBox();
  if (!list) throw new Error('There is no list of messages on the screen');
  await person.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
  for (;;) {
    const ids = (await rowsInView(person)).map(({ clientMsgId }) => clientMsgId);
    const first = places.get(ids[0] ?? '');
    expect(ids).toEqual(order.slice(first, (first ?? 0) + ids.length));
    for (const id of ids) seen.add(id);
    if (ids.includes(goal ?? '')) return seen;
    await person.page.mouse.wheel(0, turn);
  }
}

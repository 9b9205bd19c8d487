import { expect } from 'vitest';
import type { Person } from './person.ts';

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
    const ids = await rowsInView(person);
    const first = places.get(ids[0] ?? '');
    expect(ids).toEqual(order.slice(first, (first ?? 0) + ids.length));
    for (const id of ids) seen.add(id);
    if (ids.includes(goal ?? '')) return seen;
    await person.page.mouse.wheel(0, turn);
  }
}

/** The messages in view, top to bottom, once the list stands still for a few frames. */
function rowsInView(person: Person): Promise<string[]> {
  return person.get('message-list').evaluate(async (list) => {
    const stillFrames = 4;
    const clientMsgId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
    const nextFrame = () => new Promise(requestAnimationFrame);
    for (let still = 0, before = NaN; still < stillFrames; before = list.scrollTop) {
      await nextFrame();
      still = list.scrollTop === before ? still + 1 : 0;
    }
    const view = list.getBoundingClientRect();
    return [...list.querySelectorAll<HTMLElement>('[data-testid^="message-"]')]
      .map((row) => ({ id: (row.dataset['testid'] ?? '').slice('message-'.length), box: row.getBoundingClientRect() }))
      .filter(({ id }) => clientMsgId.test(id))
      .filter(({ box }) => box.bottom > view.top + 1 && box.top < view.bottom - 1)
      .sort((one, other) => one.box.top - other.box.top)
      .map(({ id }) => id);
  });
}

import type { Person } from './person.ts';

/** A message that shows. */
export interface RowInView {
  clientMsgId: string;
  /** Points below the upper edge of the list. */
  top: number;
  /** Not cut off at either end. */
  isWhole: boolean;
}

/** The messages of which more than a point shows, top to bottom, once the list stands still for a few frames. */
export function rowsInView(person: Person): Promise<RowInView[]> {
  return person.get('message-list').evaluate(async (list) => {
    const stillFrames = 4;
    const isClientMsgId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
    const nextFrame = () => new Promise(requestAnimationFrame);
    for (let still = 0, before = NaN; still < stillFrames; before = list.scrollTop) {
      await nextFrame();
      still = list.scrollTop === before ? still + 1 : 0;
    }
    const view = list.getBoundingClientRect();
    return [...list.querySelectorAll<HTMLElement>('[data-testid^="message-"]')]
      .map((row) => ({ clientMsgId: (row.dataset['testid'] ?? '').slice('message-'.length), box: row.getBoundingClientRect() }))
      .filter(({ clientMsgId, box }) => isClientMsgId.test(clientMsgId) && box.bottom > view.top + 1 && box.top < view.bottom - 1)
      .map(({ clientMsgId, box }) => ({ clientMsgId, top: box.top - view.top, isWhole: box.top >= view.top && box.bottom <= view.bottom }))
      .sort((one, other) => one.top - other.top);
  });
}

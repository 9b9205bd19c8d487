import { expect, it } from 'vitest';
import type { MessengerEvent } from '../messenger-interface.ts';
import { writeSettings } from '../conversations/settings-sync.ts';
import { CONVERSATION_ID, sampleConversation } from '../testing/samples.ts';
import { settle } from '../testing/settle.ts';
import { createAnnouncer } from './announcer.ts';
import { createMemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';
import { Touched } from './touched.ts';

it('tells of one change after another, so that a slow reading never hides what a later one saw', async () => {
  const memory = createMemoryStore();
  await memory.transaction((writer) => writer.putConversation(sampleConversation()));
  const drafts: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let readings = 0;
  const store: Store = {
    ...memory,
    async read(body) {
      readings += 1;
      const isFirst = readings === 1;
      const seen = await memory.read(body);
      if (isFirst) await held;
      return seen;
    },
  };
  const emit = (event: MessengerEvent) => {
    if (event.type === 'conversations-changed') drafts.push(...event.conversations.map(({ draft }) => draft));
  };
  const announce = createAnnouncer(store, emit, (_where, error) => expect.unreachable(String(error)));
  const touched = new Touched();
  touched.conversations.add(CONVERSATION_ID);

  const slow = announce(touched);
  await memory.transaction((writer) => writeSettings(writer, CONVERSATION_ID, { draft: 'newer' }));
  const quick = announce(touched);
  // As far as it gets without the other.
  await settle();
  release();
  await Promise.all([slow, quick]);

  expect(drafts.at(-1)).toBe('newer');
});

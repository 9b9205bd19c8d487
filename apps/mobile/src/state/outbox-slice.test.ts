import { expect, test } from 'vitest';
import { CONVERSATION_ID, samplePending } from '../../test/samples.ts';
import { messageComposed, messageWritten, type OutboxState, outboxSlice, pendingChanged } from './outbox-slice.ts';

const { reducer } = outboxSlice;
const said = samplePending('said');
const earlier = samplePending('earlier');
const shown = (state: OutboxState) => {
  const outbox = state[CONVERSATION_ID];
  return outbox === undefined ? [] : [...outbox.pending, ...outbox.composed].map(({ clientMsgId }) => clientMsgId);
};
const told = (...pending: (typeof said)[]) => pendingChanged({ conversationId: CONVERSATION_ID, pending, changes: [] });

test('what is said shows while it is written, whatever the outbox tells meanwhile, and once', () => {
  let state = reducer({}, told(earlier));
  state = reducer(state, messageComposed(said));
  expect(shown(state)).toEqual(['earlier', 'said']);
  state = reducer(state, told());
  expect(shown(state)).toEqual(['said']);
  state = reducer(state, told(said));
  expect(shown(state)).toEqual(['said']);
  state = reducer(state, messageWritten(said));
  expect(shown(state)).toEqual(['said']);
});

test('what could not be written is not shown any more, and nothing stays of it', () => {
  expect(reducer(reducer({}, messageComposed(said)), messageWritten(said))).toEqual({});
});

import { describe, expect, it } from 'vitest';
import { imagineDemoWorld } from './demo-world.ts';
import { imagineWorld } from './imagine-world.ts';
import { numberHistory } from './number-history.ts';
import { seededRandom } from './random.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z') * 1_000;
const SIZE = { users: 30, conversations: 40, messages: 1_500 };

describe('the numbered history of an imagined world', () => {
  const world = imagineWorld(SIZE, seededRandom(5), NOW, '.5');
  const history = numberHistory(world);

  it('has exactly the people, conversations and messages asked for', () => {
    expect(world.users).toHaveLength(SIZE.users);
    expect(history.conversations).toHaveLength(SIZE.conversations);
    expect(history.messages).toHaveLength(SIZE.messages);
    expect(new Set(world.users.map((user) => user.username)).size).toBe(SIZE.users);
  });

  it('is the same for the same seed and another for another', () => {
    expect(numberHistory(imagineWorld(SIZE, seededRandom(5), NOW, '.5'))).toEqual(history);
    expect(numberHistory(imagineWorld(SIZE, seededRandom(6), NOW, '.5')).messages[0]?.id).not.toBe(history.messages[0]?.id);
  });

  it("numbers every user's log densely from 1", () => {
    const positions = new Map<string, number[]>();
    const note = (userId: string, position: number) => positions.set(userId, [...(positions.get(userId) ?? []), position]);
    for (const message of history.messages) {
      note(message.senderId, message.senderPosition);
      note(message.receiverId, message.receiverPosition);
    }
    for (const event of history.events) note(event.userId, event.position);
    for (const [userId, last] of history.lastPositions) {
      const found = (positions.get(userId) ?? []).sort((left, right) => left - right);
      expect(found).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    }
  });

  it('numbers every conversation densely from 1, with times that strictly increase and lie in the past', () => {
    for (const conversation of history.conversations) {
      const messages = history.messages.filter((message) => message.conversationId === conversation.id);
      messages.forEach((message, index) => {
        expect(message.seq).toBe(index + 1);
        expect(message.createdAt).toBeGreaterThan(messages[index - 1]?.createdAt ?? conversation.createdAt);
        expect(message.createdAt).toBeLessThan(NOW);
      });
      expect(conversation.lastSeq).toBe(messages.length);
    }
  });

  it('counts as unread what the peer sent above the watermark', () => {
    for (const conversation of history.conversations) {
      for (const [userId, unread] of [[conversation.userAId, conversation.unreadA], [conversation.userBId, conversation.unreadB]] as const) {
        const member = history.members.find((row) => row.conversationId === conversation.id && row.userId === userId);
        const above = history.messages.filter(
          (message) => message.conversationId === conversation.id && message.receiverId === userId && message.seq > (member?.readSeq ?? 0),
        );
        expect(unread).toBe(above.length);
        expect(member?.readSeq).toBeLessThanOrEqual(member?.deliveredSeq ?? 0);
        expect(member?.deliveredSeq).toBeLessThanOrEqual(conversation.lastSeq);
      }
    }
    expect(history.conversations.some((conversation) => conversation.unreadA + conversation.unreadB > 0)).toBe(true);
  });

  it('gives the demo two accounts that know each other and an unread tail', () => {
    const demo = imagineDemoWorld(seededRandom(7), NOW);
    const [ana, bo] = ['ana@demo.test', 'bo@demo.test'].map((email) => demo.users.find((user) => user.email === email));
    const numbered = numberHistory(demo);
    const members = [ana?.id, bo?.id].sort();
    expect(numbered.conversations.some((conversation) => conversation.userAId === members[0] && conversation.userBId === members[1])).toBe(true);
    expect(numbered.conversations.some((conversation) => (conversation.userAId === ana?.id ? conversation.unreadA : conversation.userBId === ana?.id ? conversation.unreadB : 0) > 0)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { ShownMembers } from './shown-members.ts';

const members = (...userIds: string[]) => userIds.map((userId) => ({ userId, userInfo: null }));
const corrected = (shown: ShownMembers, ...userIds: string[]) => {
  const { added, removed } = shown.correct('room', members(...userIds));
  return { added: added.map(({ userId }) => userId), removed };
};

describe('who is shown in a presence channel', () => {
  it('needs no correction where everything was told', () => {
    const shown = new ShownMembers();
    shown.entered('room', ['ana']);
    shown.told('room', 'bo', true);
    shown.told('room', 'ana', false);
    shown.beginReading('room');
    expect(corrected(shown, 'bo')).toEqual({ added: [], removed: [] });
  });

  it('is corrected by what was missed', () => {
    const shown = new ShownMembers();
    shown.entered('room', ['ana', 'bo']);
    expect(corrected(shown, 'bo', 'cleo')).toEqual({ added: ['cleo'], removed: ['ana'] });
  });

  it('is corrected for those who came before it was missed and for those who came after', () => {
    const shown = new ShownMembers();
    shown.entered('room', ['ana', 'bo']);
    // Bo left and Cleo came unheard; then somebody entered who was shown it as it is, and Cleo left again unheard.
    shown.entered('room', ['ana', 'cleo', 'dino']);
    expect(corrected(shown, 'ana', 'dino')).toEqual({ added: ['dino'], removed: ['bo', 'cleo'] });
  });

  it('is left as it was told while it was read', () => {
    const shown = new ShownMembers();
    shown.entered('room', ['ana', 'bo']);
    shown.beginReading('room');
    shown.told('room', 'cleo', true);
    shown.told('room', 'bo', false);
    expect(corrected(shown, 'ana', 'bo')).toEqual({ added: [], removed: [] });
  });

  it('is forgotten with the last connection', () => {
    const shown = new ShownMembers();
    shown.entered('room', ['ana']);
    shown.forget('room');
    expect(shown.channels).toEqual([]);
    expect(corrected(shown, 'bo')).toEqual({ added: [], removed: [] });
  });
});

import { type FrameHandlers, OK } from '../../socket/native/frame-handlers.ts';
import type { PresenceNeeds } from './presence-of.ts';
import { setTyping, type SetTypingNeeds } from './set-typing.ts';
import { watchPresence } from './watch-presence.ts';

export function presenceFrames(needs: PresenceNeeds & SetTypingNeeds): Pick<FrameHandlers, 'presence.watch' | 'chat.typing'> {
  return {
    'presence.watch': async ({ userIds }, { userId, connectionId, notify }) => {
      await watchPresence(needs, { viewerId: userId, connectionId, notify }, userIds);
      return OK;
    },
    // A signal: no answer, also when it was refused.
    'chat.typing': async ({ conversationId, isTyping }, { userId }) => {
      await setTyping(needs, userId, conversationId, isTyping).catch(() => undefined);
      return null;
    },
  };
}

import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { FrameHandlers } from '../../socket/native/frame-handlers.ts';

export function syncFrames(needs: { log: EventLogReader }): Pick<FrameHandlers, 'chat.sync'> {
  return {
    'chat.sync': async (query, { userId }) => ({ type: 'chat.sync.result', data: await needs.log.read(userId, query) }),
  };
}

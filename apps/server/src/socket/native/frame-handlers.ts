import type { ConnectionId, DownFrameOf, DownFrameType, Presence, SessionId, UpFrameOf, UpFrameType, UserId } from '@couplet/protocol';

/** Who sent a frame, and over what. */
export interface FrameSender {
  userId: UserId;
  sessionId: SessionId;
  connectionId: ConnectionId;
  /** Of this request; chosen by the client. */
  frameId: string;
  /** Tells this connection alone of somebody's presence. */
  notify(presence: Presence): void;
}

/** The answer to a request, without the envelope; null where none is due. */
export type FrameAnswer = { [T in DownFrameType]: { type: T; data: DownFrameOf<T>['data'] } }[DownFrameType] | null;

/** Translates one type of frame into a use case. Throws a `CoupletError` to answer an `error`. */
export type FrameHandler<T extends UpFrameType> = (data: UpFrameOf<T>['data'], sender: FrameSender) => Promise<FrameAnswer>;

/** Frames that are the connection's own business. */
export type SessionFrameType = 'auth' | 'auth.refresh' | 'presence.ping';

/** Every other frame has exactly one handler, in the `frames.ts` of its domain. */
export type FrameHandlers = { [T in Exclude<UpFrameType, SessionFrameType>]: FrameHandler<T> };

export const OK: FrameAnswer = { type: 'ok', data: {} };

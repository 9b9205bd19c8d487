import type { Session, SessionId } from '@couplet/protocol';

export function sessionView(
  session: { id: string; deviceName: string; createdAt: Date; lastUsedAt: Date },
  currentSessionId: SessionId,
): Session {
  return {
    id: session.id as SessionId,
    deviceName: session.deviceName,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    current: session.id === currentSessionId,
  };
}

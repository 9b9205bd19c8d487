import type { Abandoned, Coming } from './channel-state.ts';

/* How what a node must not forget stands in Redis. */

/** Names of channels have no spaces, ids of users may. */
export function toldField({ channel, userId }: Coming): string {
  return userId === undefined ? `c ${channel}` : `m ${channel} ${userId}`;
}

export function comingOf(field: string): Coming | null {
  const [, kind, channel = '', userId] = /^([cm]) (\S+)(?: ([^]*))?$/.exec(field) ?? [];
  if (kind === 'c') return { channel, userId: undefined };
  return kind === 'm' && userId !== undefined ? { channel, userId } : null;
}

/** What a connection entered. */
export type Noted = Exclude<Abandoned, { type: 'untold' }>;

/** One connection in one channel, or of one user, as a node notes it. Socket ids have no spaces. */
export function noteOf(abandoned: Noted): string {
  return abandoned.type === 'channel' ? `c ${abandoned.socketId} ${abandoned.channel}` : `u ${abandoned.socketId} ${abandoned.userId}`;
}

export function abandonedOf(text: string): Noted | null {
  const [, kind, socketId = '', name = ''] = /^([cu]) (\d+\.\d+) ([^]+)$/.exec(text) ?? [];
  if (kind === 'c') return { type: 'channel', channel: name, socketId };
  return kind === 'u' ? { type: 'user', userId: name, socketId } : null;
}

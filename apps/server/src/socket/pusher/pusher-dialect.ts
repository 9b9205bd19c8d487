import type { Connection, DialectSession } from '../connection.ts';
import type { Dialect } from '../socket-server.ts';
import { PUSHER_CLOSE_CODES, type PusherCloseReason } from './close-codes.ts';
import { encodeError } from './frames.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { PusherSession, type PusherSessionNeeds } from './pusher-session.ts';
import { isSame } from './signatures.ts';

const PATH = /^\/app\/([^/]+)$/;
const VERSIONS = new Set(['5', '6', '7']);

/** The Pusher Channels protocol, version 7, at `/app/:key`. */
export function pusherDialect(needs: PusherSessionNeeds, random: (bytes: Uint8Array) => void): Dialect<PusherCloseReason> {
  return {
    closeCodes: PUSHER_CLOSE_CODES,
    frameBurst: PUSHER_LIMITS.frameBurst,
    serves: (path) => PATH.test(path),
    open: (connection, url) => {
      const refusal = refusalOf(url, needs.app.key);
      if (!refusal) return new PusherSession(needs, connection, newSocketId(random));
      // After the upgrade: a client takes a refused upgrade for a bad network and tries for ever.
      return refusedSession(connection, refusal);
    },
  };
}

type Refusal = 'noSuchKey' | 'noVersion' | 'badVersion' | 'unsupportedVersion';

function refusalOf(url: URL, key: string): Refusal | null {
  const given = PATH.exec(url.pathname)?.[1] ?? '';
  if (!isSame(given, key)) return 'noSuchKey';
  const version = url.searchParams.get('protocol');
  if (version === null || version === '') return 'noVersion';
  if (!/^\d+$/.test(version)) return 'badVersion';
  return VERSIONS.has(version) ? null : 'unsupportedVersion';
}

function refusedSession(connection: Connection<PusherCloseReason>, refusal: Refusal): DialectSession {
  const { code, sentence } = PUSHER_CLOSE_CODES[refusal];
  connection.send(encodeError(sentence, code));
  connection.close(refusal);
  return { receive: () => undefined, sweep: () => connection.terminate(), draining: () => Promise.resolve(), closed: () => undefined };
}

/** Two numbers with a point between, as the libraries insist; 96 random bits, because signatures are bound to it. */
function newSocketId(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(SOCKET_ID_BYTES * 2);
  random(bytes);
  const number = (from: number) => Buffer.from(bytes).readUIntBE(from, SOCKET_ID_BYTES);
  return `${number(0)}.${number(SOCKET_ID_BYTES)}`;
}

/** The most that a number holds exactly. */
const SOCKET_ID_BYTES = 6;

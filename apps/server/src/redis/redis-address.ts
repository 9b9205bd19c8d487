/** One server of a Redis deployment. */
export interface RedisHost {
  host: string;
  port: number;
}

/** Where Redis is, read from REDIS_URL. */
export type RedisAddress = {
  /** The servers to ask: the one, the sentinels, or some of the cluster's nodes. */
  hosts: readonly RedisHost[];
  isEncrypted: boolean;
  username: string | undefined;
  password: string | undefined;
} & (
  | { type: 'single'; database: number }
  /** The sentinels say which server leads the group of this name. */
  | { type: 'sentinel'; group: string; database: number }
  | { type: 'cluster' }
);

const SCHEMES = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\//;
const DEFAULT_PORTS = { single: 6379, sentinel: 26_379, cluster: 6379 } as const;

/**
 * The forms of REDIS_URL:
 * `redis://[user:password@]host[:port][/database]`,
 * `redis+sentinel://[user:password@]host[:port],…/group[/database]`,
 * `redis+cluster://[user:password@]host[:port],…`; with `rediss` over TLS.
 *
 * @returns null when it is none of them
 */
export function parseRedisAddress(text: string): RedisAddress | null {
  const scheme = SCHEMES.exec(text);
  if (!scheme) return null;
  const type = scheme[2] === 'sentinel' || scheme[2] === 'cluster' ? scheme[2] : 'single';
  const [authority = '', ...path] = text.slice(scheme[0].length).split('/');
  const at = authority.lastIndexOf('@');
  const hosts = authority.slice(at + 1).split(',').map((one) => parseHost(one, DEFAULT_PORTS[type]));
  if (hosts.some((host) => host === null) || (type === 'single' && hosts.length !== 1)) return null;
  const credentials = parseCredentials(authority.slice(0, Math.max(at, 0)));
  if (!credentials) return null;
  const common = { hosts: hosts.filter((host) => host !== null), isEncrypted: scheme[1] === 'rediss', ...credentials };
  switch (type) {
    case 'cluster':
      return path.join('') === '' ? { ...common, type } : null;
    case 'sentinel': {
      const [group = '', database = '0', ...rest] = path;
      return group !== '' && rest.length === 0 && isDatabase(database) ? { ...common, type, group: decodeURIComponent(group), database: Number(database) } : null;
    }
    case 'single': {
      const [database = '0', ...rest] = path;
      return rest.length === 0 && isDatabase(database || '0') ? { ...common, type, database: Number(database) } : null;
    }
  }
}

function parseHost(text: string, defaultPort: number): RedisHost | null {
  const url = `redis://${text}`;
  if (text === '' || !URL.canParse(url)) return null;
  const { hostname, port, pathname, search, hash, username } = new URL(url);
  if (hostname === '' || username !== '' || `${pathname}${search}${hash}` !== '') return null;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}

function parseCredentials(text: string): { username: string | undefined; password: string | undefined } | null {
  if (text === '') return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? text : text.slice(0, colon));
    const password = colon < 0 ? undefined : decodeURIComponent(text.slice(colon + 1));
    return { username: username === '' ? undefined : username, password };
  } catch {
    return null;
  }
}

function isDatabase(text: string): boolean {
  return /^\d{1,3}$/.test(text);
}

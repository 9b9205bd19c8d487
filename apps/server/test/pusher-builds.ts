import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import type PusherClient from 'pusher-js';

const require = createRequire(import.meta.url);

/** The builds of pusher-js that are not for Node, as files of the package. */
export const PUSHER_BUILDS = ['web/pusher.js', 'worker/pusher.worker.js', 'react-native/pusher.js'] as const;
/** Those that bring what encrypted channels take: `pusher-js/with-encryption`, and its like for workers. */
export const ENCRYPTING_BUILDS = ['web/pusher-with-encryption.js', 'worker/pusher-with-encryption.worker.js'] as const;
export type PusherBuild = (typeof PUSHER_BUILDS | typeof ENCRYPTING_BUILDS)[number];

/**
 * Loads a build of the library, untouched, among the globals of the place it was
 * made for. Sockets and requests are Node's: what is tried is what the library
 * says to the server, not a browser or a phone.
 */
export function loadPusher(build: PusherBuild): typeof PusherClient {
  const module: { exports: unknown } = { exports: {} };
  const scope: Record<string, unknown> = {
    module,
    exports: module.exports,
    require: requireOnPhone,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    console,
    WebSocket,
    XMLHttpRequest: SignatureRequest,
    Headers,
    Request,
    fetch,
    crypto,
    navigator: { onLine: true },
  };
  switch (build) {
    case 'web/pusher.js':
    case 'web/pusher-with-encryption.js':
      Object.assign(scope, { window: scope, self: scope, document: { body: {}, location: { protocol: 'http:' } } });
      break;
    case 'worker/pusher.worker.js':
    case 'worker/pusher-with-encryption.worker.js':
      scope.self = scope;
      break;
    case 'react-native/pusher.js':
      break;
  }
  const file = require.resolve(`pusher-js/dist/${build}`);
  runInContext(readFileSync(file, 'utf8'), createContext(scope), { filename: file });
  const exported = module.exports as typeof PusherClient | { Pusher: typeof PusherClient };
  return 'Pusher' in exported ? exported.Pusher : exported;
}

/** The one module that the build for phones asks for, on a phone that is always online. */
function requireOnPhone(name: string): unknown {
  if (name !== '@react-native-community/netinfo') throw new Error(`There is no ${name} on a phone`);
  return { addEventListener: () => () => undefined, fetch: async () => ({ type: 'wifi', isConnected: true }) };
}

/** As much of a browser's request as asking for a signature takes. */
class SignatureRequest {
  onreadystatechange: () => void = () => undefined;
  readyState = 0;
  status = 0;
  responseText = '';
  readonly #headers = new Headers();
  #target = { method: '', url: '' };

  open(method: string, url: string): void {
    this.#target = { method, url };
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  send(body: string): void {
    const { url, method } = this.#target;
    void fetch(url, { method, headers: this.#headers, body }).then(async (response) => {
      this.responseText = await response.text();
      this.status = response.status;
      this.readyState = 4;
      this.onreadystatechange();
    });
  }
}

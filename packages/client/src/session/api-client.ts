import { CoupletError, ENDPOINTS, type EndpointName } from '@couplet/protocol';
import type { CancelSignal } from '../ports/files-port.ts';
import { type AnswerOf, type InputOf, requestEndpoint, type RestServer } from './request-endpoint.ts';

/** Where calls take their access token from. */
export interface AccessTokens {
  /** Fresh enough to use. Rejects with `not_authenticated` when nobody is signed in. */
  accessToken(): Promise<string>;
  /** A token other than the one the server refused. */
  replaceToken(refused: string): Promise<string>;
}

/** The session in whose name calls are made. */
export interface CallingSession extends AccessTokens {
  /** Cancelled when the session that is held now ends on this device. */
  readonly ending: CancelSignal;
}

/** The server's REST interface, typed by its endpoints, as the signed-in user. */
export class ApiClient {
  readonly #server: RestServer;
  readonly #session: CallingSession;

  constructor(server: RestServer, session: CallingSession) {
    this.#server = server;
    this.#session = session;
  }

  /**
   * Calls an endpoint by its name. A refused token is refreshed and the call
   * repeated once. What is under way when the session ends is given up: its answer
   * would be a refusal, or news for somebody who has left. Rejects with
   * `CoupletError`; `unavailable` when no answer came.
   */
  async call<Name extends EndpointName>(name: Name, ...[input]: CallArguments<Name>): Promise<AnswerOf<Name>> {
    const parts = (input ?? {}) as InputOf<Name>;
    if (ENDPOINTS[name].auth === 'open') return (await requestEndpoint(this.#server, name, parts, null)).answer;
    const { ending } = this.#session;
    const token = await this.#session.accessToken();
    try {
      return (await requestEndpoint(this.#server, name, parts, token, ending)).answer;
    } catch (error) {
      if (!(error instanceof CoupletError) || error.code !== 'not_authenticated') throw error;
      const replaced = await this.#session.replaceToken(token);
      return (await requestEndpoint(this.#server, name, parts, replaced, ending)).answer;
    }
  }
}

type CallArguments<Name extends EndpointName> = keyof InputOf<Name> extends never ? [] : [input: InputOf<Name>];

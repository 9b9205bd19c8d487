import { CoupletError, ENDPOINTS, type EndpointName } from '@couplet/protocol';
import { type AnswerOf, type InputOf, requestEndpoint, type RestServer } from './request-endpoint.ts';

/** Where calls take their access token from. */
export interface AccessTokens {
  /** Fresh enough to use. Rejects with `not_authenticated` when nobody is signed in. */
  accessToken(): Promise<string>;
  /** A token other than the one the server refused. */
  replaceToken(refused: string): Promise<string>;
}

/** The server's REST interface, typed by its endpoints, as the signed-in user. */
export class ApiClient {
  readonly #server: RestServer;
  readonly #tokens: AccessTokens;

  constructor(server: RestServer, tokens: AccessTokens) {
    this.#server = server;
    this.#tokens = tokens;
  }

  /**
   * Calls an endpoint by its name. A refused token is refreshed and the call
   * repeated once. Rejects with `CoupletError`; `unavailable` when no answer came.
   */
  async call<Name extends EndpointName>(name: Name, ...[input]: CallArguments<Name>): Promise<AnswerOf<Name>> {
    const parts = (input ?? {}) as InputOf<Name>;
    if (ENDPOINTS[name].auth === 'open') return (await requestEndpoint(this.#server, name, parts, null)).answer;
    const token = await this.#tokens.accessToken();
    try {
      return (await requestEndpoint(this.#server, name, parts, token)).answer;
    } catch (error) {
      if (!(error instanceof CoupletError) || error.code !== 'not_authenticated') throw error;
      const replaced = await this.#tokens.replaceToken(token);
      return (await requestEndpoint(this.#server, name, parts, replaced)).answer;
    }
  }
}

type CallArguments<Name extends EndpointName> = keyof InputOf<Name> extends never ? [] : [input: InputOf<Name>];

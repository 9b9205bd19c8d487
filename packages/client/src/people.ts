import type { User, UserId } from '@couplet/protocol';
import type { ApiClient } from './session/api-client.ts';

/** Other people, as the server knows them. */
export class People {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async search(query: string): Promise<User[]> {
    return (await this.#api.call('searchUsers', { query: { query } })).items;
  }

  async get(id: UserId): Promise<User> {
    return this.#api.call('getUser', { params: { id } });
  }

  async block(id: UserId): Promise<void> {
    await this.#api.call('blockUser', { params: { id } });
  }

  async unblock(id: UserId): Promise<void> {
    await this.#api.call('unblockUser', { params: { id } });
  }
}

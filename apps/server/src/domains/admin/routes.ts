import { ENDPOINTS } from '@couplet/protocol';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { createUserToken } from './create-user-token.ts';
import { type CreateTokensNeeds, createUserTokens } from './create-user-tokens.ts';
import { type CreateUsersNeeds, createUsers } from './create-users.ts';

export type AdminNeeds = CreateUsersNeeds & CreateTokensNeeds;

export function adminRoutes(needs: AdminNeeds): Route[] {
  return [
    defineRoute(ENDPOINTS.adminCreateUsers, async ({ body }) => ({ status: 200, body: { users: await createUsers(needs, body.users) } })),
    defineRoute(ENDPOINTS.adminCreateToken, async ({ params }) => ({ status: 201, body: await createUserToken(needs, params.id) })),
    defineRoute(ENDPOINTS.adminCreateTokens, async ({ body }) => ({ status: 201, body: { tokens: await createUserTokens(needs, body.userIds) } })),
  ];
}

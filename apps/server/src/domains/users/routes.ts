import { ENDPOINTS } from '@couplet/protocol';
import type pg from 'pg';
import type { ReplicaReads } from '../../database/replica-reads.ts';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { type BlockNeeds, blockUser } from './block-user.ts';
import { getMe } from './get-me.ts';
import { getUser } from './get-user.ts';
import { searchUsers } from './search-users.ts';
import { setAvatar, type SetAvatarNeeds } from './set-avatar.ts';
import { unblockUser } from './unblock-user.ts';
import { type UpdateMeNeeds, updateMe } from './update-me.ts';

export type UsersNeeds = { pool: pg.Pool; replicaReads: ReplicaReads } & SetAvatarNeeds & UpdateMeNeeds & BlockNeeds;

export function usersRoutes(needs: UsersNeeds): Route[] {
  return [
    defineRoute(ENDPOINTS.getMe, async ({ viewer }) => ({ status: 200, body: await getMe(needs, viewer.userId) })),
    defineRoute(ENDPOINTS.updateMe, async ({ viewer, body }) => ({ status: 200, body: await updateMe(needs, viewer.userId, body) })),
    defineRoute(ENDPOINTS.setAvatar, async ({ viewer, body }) => ({ status: 200, body: await setAvatar(needs, viewer.userId, body.uploadId) })),
    defineRoute(ENDPOINTS.searchUsers, async ({ viewer, query }) => ({ status: 200, body: await searchUsers(needs, viewer.userId, query) })),
    defineRoute(ENDPOINTS.getUser, async ({ params }) => ({ status: 200, body: await getUser(needs, params.id) })),
    defineRoute(ENDPOINTS.blockUser, async ({ viewer, params }) => {
      await blockUser(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.unblockUser, async ({ viewer, params }) => {
      await unblockUser(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
  ];
}

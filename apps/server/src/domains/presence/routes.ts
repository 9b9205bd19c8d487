import { CoupletError, ENDPOINTS } from '@couplet/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { userExists } from '../users/users-repository.ts';
import { presenceOf, type PresenceNeeds } from './presence-of.ts';
import { setTyping, type SetTypingNeeds } from './set-typing.ts';

export function presenceRoutes(needs: PresenceNeeds & SetTypingNeeds) {
  return [
    defineRoute(ENDPOINTS.getPresence, async ({ viewer, params }) => {
      if (!(await userExists(needs.db, params.id))) throw new CoupletError('not_found');
      const [presence] = await presenceOf(needs, viewer.userId, [params.id]);
      if (!presence) throw new CoupletError('internal');
      return { status: 200, body: presence };
    }),
    defineRoute(ENDPOINTS.setTyping, async ({ viewer, params, body }) => {
      await setTyping(needs, viewer.userId, params.id, body.isTyping);
      return { status: 204, body: null };
    }),
  ];
}

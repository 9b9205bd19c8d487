import { ENDPOINTS } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { assertWithinLimit, type RateLimits } from '../../http/rate-limit.ts';
import { deviceNameFrom } from './device-name.ts';
import type { EndSessionNeeds } from './end-session.ts';
import { listSessions } from './list-sessions.ts';
import { type LoginNeeds, login } from './login.ts';
import { logout } from './logout.ts';
import { type RefreshNeeds, refreshSession } from './refresh-session.ts';
import { type RegisterNeeds, register } from './register.ts';
import { revokeSession } from './revoke-session.ts';

export type AuthNeeds = RegisterNeeds & LoginNeeds & RefreshNeeds & EndSessionNeeds & { prisma: PrismaClient; rateLimits: RateLimits };

export function authRoutes(needs: AuthNeeds): Route[] {
  const { rateLimits } = needs;
  return [
    defineRoute(ENDPOINTS.register, async ({ body, ip, userAgent }) => {
      await assertWithinLimit(rateLimits.registerByAddress, ip);
      return { status: 201, body: await register(needs, body, body.deviceName ?? deviceNameFrom(userAgent)) };
    }),
    defineRoute(ENDPOINTS.login, async ({ body, ip, userAgent }) => {
      await assertWithinLimit(rateLimits.loginByAddress, ip);
      await assertWithinLimit(rateLimits.loginByAccount, `${ip} ${body.login.toLowerCase()}`);
      return { status: 200, body: await login(needs, body, body.deviceName ?? deviceNameFrom(userAgent)) };
    }),
    defineRoute(ENDPOINTS.refresh, async ({ body, ip }) => {
      await assertWithinLimit(rateLimits.refreshByAddress, ip);
      return { status: 200, body: await refreshSession(needs, body.refreshToken) };
    }),
    defineRoute(ENDPOINTS.logout, async ({ viewer }) => {
      await logout(needs, viewer);
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.listSessions, async ({ viewer }) => ({ status: 200, body: await listSessions(needs, viewer) })),
    defineRoute(ENDPOINTS.revokeSession, async ({ viewer, params }) => {
      await revokeSession(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
  ];
}

import { CoupletError } from '@couplet/protocol';
import express, { type Express, type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { ChannelHub } from './channel-hub.ts';
import { channelKind, isChannelName, USER_CHANNEL_PREFIX } from './channel-name.ts';
import type { ChannelFacts } from './channel-state.ts';
import { PUSHER_LIMITS } from './limits.ts';
import type { PusherApp } from './signatures.ts';
import { verifyRequest } from './signed-request.ts';

export interface PusherApiNeeds {
  app: PusherApp;
  hub: ChannelHub;
  /** Epoch milliseconds. */
  now: () => number;
  onAnswered(route: string, status: number, seconds: number): void;
}

/** The Pusher Channels HTTP API, for backends that hold the secret. */
export function mountPusherApi(app: Express, needs: PusherApiNeeds): void {
  const { hub } = needs;
  const api = Router({ mergeParams: true });
  api.use(measure(needs), readBody, verify(needs));
  api.post('/events', async (request, response) => {
    const { channels, channel, info, ...event } = parsed(eventSchema, bodyOf(request));
    const targets = channels ?? (channel === undefined ? [] : [channel]);
    if (targets.length === 0) throw malformed('Name a channel');
    if (targets.length > 1 && targets.some((name) => channelKind(name).isEncrypted)) throw malformed('An encrypted channel is published to alone');
    assertSize(event.data);
    for (const name of targets) await publish(hub, name, event);
    response.json(info === undefined ? {} : { channels: await factsOf(hub, targets, info) });
  });
  api.post('/batch_events', async (request, response) => {
    const { batch } = parsed(batchSchema, bodyOf(request));
    // All or nothing: whatever could be refused is refused before the first one goes out.
    for (const { data } of batch) assertSize(data);
    for (const event of batch) await publish(hub, event.channel, event);
    if (!batch.some(({ info }) => info !== undefined)) return void response.json({});
    const answers = await Promise.all(batch.map(async ({ channel, info }) => (info === undefined ? {} : factsFor(await hub.state.describe(channel), info))));
    response.json({ batch: answers });
  });
  api.get('/channels', async (_request, response) => {
    const parameters = parametersOf(response);
    const prefix = parameters.get('filter_by_prefix') ?? '';
    const info = parameters.get('info');
    if (info !== undefined && (info !== 'user_count' || !prefix.startsWith('presence-'))) throw malformed('user_count is known of presence channels only');
    const found = await hub.state.list(prefix);
    response.json({ channels: Object.fromEntries(found.map((facts) => [facts.channel, info === undefined ? {} : { user_count: facts.userIds.length }])) });
  });
  api.get('/channels/:channel', async (request, response) => {
    const channel = channelOf(request);
    const info = (parametersOf(response).get('info') ?? '').split(',').filter((word) => word !== '');
    if (info.includes('user_count') && channelKind(channel).access !== 'presence') throw malformed('user_count is known of presence channels only');
    const facts = await hub.state.describe(channel);
    const cached = info.includes('cache') ? await hub.state.remembered(channel) : null;
    response.json({
      occupied: facts.count > 0,
      ...factsFor(facts, info.join(',')),
      ...(cached ? { cache: { data: (JSON.parse(cached.frame) as { data: string }).data, ttl: cached.secondsLeft } } : {}),
    });
  });
  api.get('/channels/:channel/users', async (request, response) => {
    const channel = channelOf(request);
    if (channelKind(channel).access !== 'presence') throw malformed('Users are known of presence channels only');
    const { userIds } = await hub.state.describe(channel);
    response.json({ users: userIds.map((id) => ({ id })) });
  });
  api.post('/users/:userId/terminate_connections', (request, response) => {
    hub.terminateUser(String(request.params['userId']));
    response.json({});
  });
  app.use('/apps/:appId', api);
  app.get('/app/:key', (_request, response) => {
    response.setHeader('upgrade', 'websocket');
    response.status(426).json({ error: 'Connect with a WebSocket' });
  });
}

const channelSchema = z
  .string()
  .max(PUSHER_LIMITS.channelNameLength)
  .refine((name) => isChannelName(name) || (name.startsWith(USER_CHANNEL_PREFIX) && name.length > USER_CHANNEL_PREFIX.length), 'That is not a name of a channel');
const socketIdSchema = z.string().regex(/^\d+\.\d+$/, 'This is not a socket id').nullish();
const fields = {
  name: z.string().min(1).max(PUSHER_LIMITS.eventNameLength),
  // May be empty.
  data: z.string(),
  socket_id: socketIdSchema,
  info: z.string().max(100).optional(),
};
const eventSchema = z.object({ ...fields, channel: channelSchema.optional(), channels: z.array(channelSchema).min(1).max(PUSHER_LIMITS.channelsPerEvent).optional() });
const batchSchema = z.object({ batch: z.array(z.object({ ...fields, channel: channelSchema })).min(1).max(PUSHER_LIMITS.eventsPerBatch) });

async function publish(hub: ChannelHub, channel: string, event: { name: string; data: string; socket_id?: string | null | undefined }): Promise<void> {
  if (channel.startsWith(USER_CHANNEL_PREFIX)) return hub.publishToUser(channel.slice(USER_CHANNEL_PREFIX.length), channel, event.name, event.data);
  // The text goes on as it was posted: signed or encrypted contents survive only byte for byte.
  await hub.publishRemembered(channel, event.name, event.data, event.socket_id ?? undefined);
}

async function factsOf(hub: ChannelHub, channels: readonly string[], info: string) {
  const entries = await Promise.all(channels.map(async (name) => [name, factsFor(await hub.state.describe(name), info)] as const));
  return Object.fromEntries(entries);
}

function factsFor({ channel, count, userIds }: ChannelFacts, info: string) {
  const wanted = info.split(',');
  return {
    ...(wanted.includes('subscription_count') ? { subscription_count: count } : {}),
    ...(wanted.includes('user_count') && channelKind(channel).access === 'presence' ? { user_count: userIds.length } : {}),
  };
}

const readBody: RequestHandler = express.raw({ limit: PUSHER_LIMITS.httpBodyBytes, inflate: false, type: () => true });

function verify(needs: PusherApiNeeds): RequestHandler {
  return (request, response, next) => {
    if (request.params['appId'] !== needs.app.id) throw new CoupletError('not_found', 'There is no app with this id.');
    const [path = '', ...query] = request.originalUrl.split('?');
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const parameters = verifyRequest(needs.app, { method: request.method, path, query: query.join('?'), body }, needs.now() / 1_000);
    if (!parameters) throw new CoupletError('not_authenticated', 'The request is not signed with the secret of this app, or its time is off.');
    response.locals['parameters'] = parameters;
    next();
  };
}

function measure(needs: PusherApiNeeds): RequestHandler {
  return (_request, response, next) => {
    const startedAt = performance.now();
    response.once('finish', () => needs.onAnswered('pusherApi', response.statusCode, (performance.now() - startedAt) / 1_000));
    next();
  };
}

function parametersOf(response: Response): ReadonlyMap<string, string> {
  return response.locals['parameters'] as ReadonlyMap<string, string>;
}

function channelOf(request: Request): string {
  const channel = String(request.params['channel']);
  if (!isChannelName(channel)) throw malformed('That is not a name of a channel');
  return channel;
}

function bodyOf(request: Request): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(request.body) ? request.body.toString() : '');
  } catch (cause) {
    throw new CoupletError('bad_json', undefined, { cause });
  }
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new CoupletError('validation_failed', undefined, {
    issues: result.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}

const MAX_ISSUES = 10;

function assertSize(data: string): void {
  if (Buffer.byteLength(data) > PUSHER_LIMITS.eventBytes) throw new CoupletError('body_too_large', `The data of an event is at most ${PUSHER_LIMITS.eventBytes} bytes.`);
}

function malformed(detail: string): CoupletError {
  return new CoupletError('validation_failed', detail);
}

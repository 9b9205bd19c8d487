import { type Endpoint, ENDPOINTS, type EndpointName } from '@couplet/protocol';
import type { LimitName, RateLimits } from '../http/rate-limit.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
import type { AdmittedWork, Admission } from './admission.ts';
import type { Gate } from './gate.ts';

/** What a crowd that comes back asks for over REST; everything else is bounded by the limits of each person. */
const ADMITTED: Partial<Record<EndpointName, AdmittedWork>> = {
  pusherAuth: 'signIn',
  pusherUserAuth: 'signIn',
  broadcastingAuth: 'signIn',
  broadcastingUserAuth: 'signIn',
  getSync: 'catchUp',
  getMessagesSince: 'catchUp',
  getSnapshot: 'catchUp',
  listChatChanges: 'catchUp',
};

/** Tells the gate in front of an endpoint, where there is one. */
export function admittedEndpoints(admission: Admission): (endpoint: Endpoint) => Gate | undefined {
  const gates = new Map(Object.entries(ADMITTED).map(([name, work]) => [ENDPOINTS[name as EndpointName] as Endpoint, admission[work]]));
  return (endpoint) => gates.get(endpoint);
}

/** What one person may ask for so often; sends and uploads are counted in their use cases, over every edge together. */
const LIMITED: Partial<Record<EndpointName, LimitName>> = {
  searchMessages: 'searchByUser',
  searchUsers: 'searchByUser',
  pusherAuth: 'pusherAuthByUser',
  pusherUserAuth: 'pusherAuthByUser',
  broadcastingAuth: 'pusherAuthByUser',
  broadcastingUserAuth: 'pusherAuthByUser',
};

/** Tells the limit of an endpoint per person, where there is one. */
export function limitedEndpoints(limits: RateLimits): (endpoint: Endpoint) => RateLimiter | undefined {
  const limiters = new Map(Object.entries(LIMITED).map(([name, limit]) => [ENDPOINTS[name as EndpointName] as Endpoint, limits[limit]]));
  return (endpoint) => limiters.get(endpoint);
}

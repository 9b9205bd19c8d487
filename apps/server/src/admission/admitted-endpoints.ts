import { type Endpoint, ENDPOINTS, type EndpointName } from '@couplet/protocol';
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

import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { PusherApp } from '../socket/pusher/signatures.ts';
import { StartupError } from '../startup-error.ts';
import type { Fanout } from './fanout.ts';
import { createHostedApi } from './hosted/hosted-api.ts';
import type { HostedEventNeeds } from './hosted/hosted-events.ts';
import { HostedFanout } from './hosted/hosted-fanout.ts';
import { HostedPublisher } from './hosted/hosted-publisher.ts';

/** The fan-out that the configuration asks for, around the one that reaches this deployment's own connections. */
export function createFanout(own: Fanout, config: Config, app: PusherApp, needs: HostedEventNeeds & { log: Logger }): Fanout {
  if (config.realtimeDriver === 'gateway') return own;
  const { chatMessage, coveredMessages, log } = needs;
  const publisher = new HostedPublisher({
    api: createHostedApi(app, hostedPlace(config)),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onDropped: (events, reason) => log.warn({ events, reason }, 'Events did not reach the hosted app; clients fetch what they miss'),
  });
  return new HostedFanout(own, {
    chatMessage,
    coveredMessages,
    publisher,
    onError: (error) => log.error({ err: error }, 'A delivery could not be written for the hosted app'),
  });
}

/** Where the web app opens its socket when a hosted app brings the events. */
export function realtimeOrigins(config: Config): string[] {
  if (config.realtimeDriver === 'gateway') return [];
  const place = hostedPlace(config);
  return 'cluster' in place ? [`wss://ws-${place.cluster}.pusher.com`] : [new URL(place.url).origin.replace(/^http/, 'ws')];
}

/** @throws StartupError when the hosted app is not told in full */
export function hostedPlace({ pusherAppId, pusherKey, pusherSecret, pusherApiUrl, pusherCluster }: Config): { url: string } | { cluster: string } {
  if (pusherAppId === undefined || pusherKey === undefined || pusherSecret === undefined) {
    throw new StartupError('REALTIME_DRIVER=pusher needs PUSHER_APP_ID, PUSHER_KEY and PUSHER_SECRET of the hosted app.');
  }
  if (pusherApiUrl !== undefined) return { url: pusherApiUrl };
  if (pusherCluster === undefined) throw new StartupError('REALTIME_DRIVER=pusher needs PUSHER_CLUSTER, such as eu.');
  return { cluster: pusherCluster };
}

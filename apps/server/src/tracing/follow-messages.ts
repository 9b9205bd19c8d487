import type { MessageId } from '@couplet/protocol';
import type { PushProvider, PushProviders } from '../domains/push/push-provider.ts';
import type { Delivery, Fanout } from '../fanout/fanout.ts';
import type { Logger } from '../log.ts';
import { traceTime, type Traces } from './traces.ts';

/*
 * A message is followed by its id through every hop: in the trace of that id, and
 * in lines of the log at level debug. Nothing here is in the way unless one of
 * the two is on.
 */

/** Tells when messages are published on this node, and when they reach a connection of this node. */
export function followFanout(fanout: Fanout, traces: Traces, log: Logger): Fanout {
  const isLogged = log.isLevelEnabled('debug');
  if (!traces.isOn && !isLogged) return fanout;
  return {
    publish(deliveries) {
      const startedAt = traceTime();
      fanout.publish(deliveries);
      for (const messageId of new Set(deliveries.map(messageOf))) {
        if (messageId === undefined) continue;
        traces.ofMessage(messageId, 'fan-out', startedAt, { 'couplet.deliveries': deliveries.length });
        if (isLogged) log.debug({ messageId }, 'Published');
      }
    },
    subscribe: (userId, listener) =>
      fanout.subscribe(userId, (delivery) => {
        const startedAt = traceTime();
        listener(delivery);
        const messageId = messageOf(delivery);
        if (messageId === undefined) return;
        traces.ofMessage(messageId, 'deliver', startedAt, { 'couplet.user_id': userId });
        if (isLogged) log.debug({ messageId, userId }, 'Delivered to a connection');
      }),
    close: () => fanout.close(),
  };
}

/** Tells how long Redis took to take messages for the other nodes. */
export function followRoundTrips(traces: Traces): ((batch: readonly Delivery[], send: () => Promise<void>) => Promise<void>) | undefined {
  if (!traces.isOn) return undefined;
  return async (batch, send) => {
    const startedAt = traceTime();
    let outcome = 'dropped';
    try {
      await send();
      outcome = 'sent';
    } finally {
      for (const messageId of new Set(batch.map(messageOf))) {
        if (messageId !== undefined) traces.ofMessage(messageId, 'redis', startedAt, { 'couplet.deliveries': batch.length, 'couplet.outcome': outcome });
      }
    }
  };
}

/** Tells when messages are pushed. */
export function followPushes(providers: PushProviders, traces: Traces, log: Logger): PushProviders {
  const isLogged = log.isLevelEnabled('debug');
  if (!traces.isOn && !isLogged) return providers;
  const followed = (platform: string, provider: PushProvider): PushProvider => ({
    async send(address, notice) {
      const startedAt = traceTime();
      const outcome = await provider.send(address, notice);
      if (notice.type === 'message') {
        traces.ofMessage(notice.messageId, 'push', startedAt, { 'couplet.platform': platform, 'couplet.outcome': outcome.status });
        if (isLogged) log.debug({ messageId: notice.messageId, platform, outcome: outcome.status }, 'Pushed');
      }
      return outcome;
    },
    close: () => provider.close(),
  });
  return Object.fromEntries(Object.entries(providers).map(([platform, provider]) => [platform, followed(platform, provider)]));
}

function messageOf({ payload }: Delivery): MessageId | undefined {
  return payload.type === 'chat.message.new' ? payload.message.id : undefined;
}

import type { UserId } from '@couplet/protocol';
import type { Delivery, DeliveryListener, Fanout } from '../fanout.ts';
import { type HostedEventNeeds, hostedEventsOf } from './hosted-events.ts';
import type { HostedPublisher } from './hosted-publisher.ts';

export interface HostedFanoutNeeds extends HostedEventNeeds {
  publisher: HostedPublisher;
  /** A delivery could not be written as events; clients fetch what they miss. */
  onError(error: unknown): void;
}

/** A fan-out whose deliveries also go to a hosted Pusher app. What is connected to this server gets them as before. */
export class HostedFanout implements Fanout {
  readonly #inner: Fanout;
  readonly #needs: HostedFanoutNeeds;

  constructor(inner: Fanout, needs: HostedFanoutNeeds) {
    this.#inner = inner;
    this.#needs = needs;
  }

  publish(deliveries: readonly Delivery[]): void {
    this.#inner.publish(deliveries);
    for (const delivery of deliveries) {
      if (delivery.payload.type === 'session.revoked') this.#needs.publisher.terminateUser(delivery.to);
      else void this.#publishHosted(delivery);
    }
  }

  subscribe(userId: UserId, listener: DeliveryListener): Promise<() => void> {
    return this.#inner.subscribe(userId, listener);
  }

  async close(): Promise<void> {
    await this.#needs.publisher.close();
    await this.#inner.close();
  }

  async #publishHosted(delivery: Delivery): Promise<void> {
    try {
      for (const event of await hostedEventsOf(delivery, this.#needs)) this.#needs.publisher.publish(event);
    } catch (error) {
      this.#needs.onError(error);
    }
  }
}

import type { UserId } from '@couplet/protocol';
import type { Delivery, DeliveryListener, Fanout } from './fanout.ts';

/** Fan-out within one node. */
export class MemoryFanout implements Fanout {
  readonly #listeners = new Map<UserId, Set<DeliveryListener>>();

  publish(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const listeners = this.#listeners.get(delivery.to);
      if (listeners) for (const listener of listeners) listener(delivery);
    }
  }

  subscribe(userId: UserId, listener: DeliveryListener): Promise<() => void> {
    let listeners = this.#listeners.get(userId);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(userId, listeners);
    }
    listeners.add(listener);
    return Promise.resolve(() => {
      const current = this.#listeners.get(userId);
      current?.delete(listener);
      if (current?.size === 0) this.#listeners.delete(userId);
    });
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }
}

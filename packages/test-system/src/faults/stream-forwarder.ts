import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread of a `StreamProxy` is told. Each is answered when it took effect. */
export type ForwarderOrder = { type: 'divide' } | { type: 'heal' } | { type: 'lead'; target: NetConnectOpts };

interface Link {
  near: Socket;
  far: Socket;
}

const links = new Set<Link>();
let target = workerData as NetConnectOpts;
let isDivided = false;

function reset(link: Link): void {
  links.delete(link);
  link.near.resetAndDestroy();
  link.far.destroy();
}

function join(link: Link, from: Socket, to: Socket): void {
  from.on('data', (chunk: Buffer) => {
    if (!isDivided && links.has(link)) to.write(chunk);
  });
  from.on('error', () => undefined);
  from.once('close', () => {
    if (!isDivided && links.has(link)) reset(link);
  });
}

function obey(order: ForwarderOrder): void {
  switch (order.type) {
    case 'divide':
      isDivided = true;
      return;
    case 'heal':
      isDivided = false;
      for (const link of [...links]) reset(link);
      return;
    case 'lead':
      target = order.target;
      // Who was divided before is never told: the other end is gone, and nothing passes for ever.
      if (isDivided) links.clear();
      isDivided = false;
      for (const link of [...links]) reset(link);
  }
}

const listener = createServer({ noDelay: true }, (near) => {
  const link: Link = { near, far: connect(target) };
  links.add(link);
  join(link, near, link.far);
  join(link, link.far, near);
}).listen(0, '127.0.0.1');
await once(listener, 'listening');
parentPort?.on('message', (order: ForwarderOrder) => {
  obey(order);
  parentPort?.postMessage('done');
});
parentPort?.postMessage((listener.address() as AddressInfo).port);

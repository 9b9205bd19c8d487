import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { StreamProxy } from './stream-proxy.ts';

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Says its name to whoever connects, and then what it hears. */
async function echo(name: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(name);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function open(port: number): Promise<StreamProxy> {
  const proxy = await StreamProxy.open({ port, host: '127.0.0.1' });
  closing.push(() => proxy.close());
  return proxy;
}

/** A reset is an end as well, which `once` would throw. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

async function ask(socket: Socket, word: string): Promise<string> {
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(word);
  return String((await answered)[0]);
}

it('carries bytes both ways, and nothing while it is divided, which neither end is told', async () => {
  const proxy = await open(await echo('one'));
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  closing.push(() => void socket.destroy());
  await once(socket, 'data');
  expect(await ask(socket, 'a')).toBe('a');
  await proxy.divide();
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.write('b');
  const late = connect(proxy.port, '127.0.0.1');
  late.on('error', () => undefined);
  closing.push(() => void late.destroy());
  await once(late, 'connect');
  expect(socket.destroyed).toBe(false);
  const gone = closed(socket);
  await proxy.heal();
  await gone;
  expect(heard).toEqual([]);
});

it('leads those who were connected, and everybody after, to another place', async () => {
  const proxy = await open(await echo('one'));
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'data');
  const gone = closed(socket);
  await proxy.lead({ port: await echo('two'), host: '127.0.0.1' });
  await gone;
  const again = connect(proxy.port, '127.0.0.1');
  closing.push(() => void again.destroy());
  expect(String((await once(again, 'data'))[0])).toBe('two');
});

it('leaves those half open who were divided before it leads to another place', async () => {
  const proxy = await open(await echo('one'));
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  closing.push(() => void socket.destroy());
  await once(socket, 'data');
  await proxy.divide();
  await proxy.lead({ port: await echo('two'), host: '127.0.0.1' });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.write('a');
  const again = connect(proxy.port, '127.0.0.1');
  closing.push(() => void again.destroy());
  expect(String((await once(again, 'data'))[0])).toBe('two');
  expect(await ask(again, 'b')).toBe('b');
  expect(heard).toEqual([]);
  expect(socket.destroyed).toBe(false);
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { FaultProxy } from './fault-proxy.ts';

/** A server that counts what it is asked, and the way to it. */
let server: Server;
let proxy: FaultProxy;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push(body);
      response.end(`answer to ${body}`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.open((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

async function ask(body: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(proxy.url, { method: 'POST', body, signal: signal ?? null });
  return response.text();
}

describe('the way to the server', () => {
  it('passes everything while nothing is wrong', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map((body) => ask(body)))).toEqual(['answer to a', 'answer to b', 'answer to c']);
  });

  it('delays what passes', async () => {
    proxy.conditions.delayMs = 60;
    const begun = performance.now();
    await ask('slow');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(118);
  });

  it('throttles what passes', async () => {
    proxy.conditions.bytesPerSecond = 10_000;
    const begun = performance.now();
    await ask('x'.repeat(1_000));
    expect(performance.now() - begun).toBeGreaterThan(150);
  });

  it('cuts every connection, with a reset', async () => {
    proxy.conditions.delayMs = 10_000;
    const asking = ask('cut');
    await until('the connection is open', () => proxy.openLinks === 1);
    proxy.cut();
    await expect(asking).rejects.toThrow('fetch failed');
    await until('the connection is gone', () => proxy.openLinks === 0);
  });

  it('refuses new connections', async () => {
    proxy.conditions.isRefusing = true;
    await expect(ask('refused')).rejects.toThrow('fetch failed');
    proxy.heal();
    expect(await ask('taken')).toBe('answer to taken');
  });

  it('is silent both ways, and after that resets what lost something', async () => {
    proxy.conditions.isSilent = true;
    const asking = ask('into the void');
    await until('the connection is open', () => proxy.openLinks === 1);
    await expect(ask('as well', AbortSignal.timeout(100))).rejects.toThrow('timeout');
    proxy.heal();
    await expect(asking).rejects.toThrow('fetch failed');
    expect(asked).toEqual([]);
    expect(await ask('heard')).toBe('answer to heard');
  });

  it('swallows answers while what was asked is carried out', async () => {
    proxy.conditions.isAnswerless = true;
    const asking = ask('done');
    await until('the server was asked', () => asked.length === 1);
    proxy.heal();
    await expect(asking).rejects.toThrow('fetch failed');
  });

  it('carries out a request twice and answers it once', async () => {
    proxy.fateOf = (unit) => (unit.type === 'request' ? { type: 'twice' } : { type: 'pass' });
    expect(await ask('again')).toBe('answer to again');
    await until('the server was asked twice', () => asked.length === 2);
    expect(asked).toEqual(['again', 'again']);
  });

  it('halves an answer and resets', async () => {
    proxy.fateOf = (_unit, direction) => (direction === 'down' ? { type: 'halve' } : { type: 'pass' });
    await expect(ask('half')).rejects.toThrow();
    expect(asked).toEqual(['half']);
  });

  it('lets what stands on it for good have the last word, also when healed', async () => {
    let seen = 0;
    proxy.amend = (_unit, _direction, fate) => {
      seen += 1;
      return fate;
    };
    proxy.heal();
    await ask('seen');
    expect(seen).toBe(2);
  });
});

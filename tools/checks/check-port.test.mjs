import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { assertPortIsFree } from './check-port.mjs';

test('names a busy port and how to choose another, until it is free again', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  await assert.rejects(assertPortIsFree(String(port), '127.0.0.1'), { name: 'StepFailed', message: new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use .* npm start -- --port ${port + 1}$`) });
  other.close();
  await once(other, 'close');
  await assertPortIsFree(String(port), '127.0.0.1');
  // It did not keep the port itself.
  await assertPortIsFree(String(port), '127.0.0.1');
});

test('leaves what is no port, and no host of this machine, to the server, which says more about it', async () => {
  await assertPortIsFree('http', '127.0.0.1');
  await assertPortIsFree('70000', '127.0.0.1');
  await assertPortIsFree('0', '203.0.113.7');
});

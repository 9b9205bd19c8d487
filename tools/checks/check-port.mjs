import { once } from 'node:events';
import { createServer } from 'node:net';
import { StepFailed } from '../children.mjs';

/**
 * Says before anything is built what the server would say after it: another program
 * has its port. Whatever else is wrong with the address the server explains itself.
 */
export async function assertPortIsFree(port, host) {
  const probe = createServer();
  try {
    probe.listen(Number(port), host);
    await once(probe, 'listening');
  } catch (error) {
    if (error.code !== 'EADDRINUSE') return;
    throw new StepFailed(`Port ${port} on ${host} is in use by another program: stop that one, or choose another port, e.g. npm start -- --port ${Number(port) + 1}`);
  } finally {
    probe.close();
  }
}

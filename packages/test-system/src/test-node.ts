import { loadConfig, startServer } from '@couplet/server';
import { TEST_OVERRIDES } from '@couplet/server/test/test-overrides';
import { ServerProcess } from './server-process.ts';

type Running = { type: 'process'; server: ServerProcess } | { type: 'here'; stop(): Promise<void> };

/** One node of a system: in this process, or in one of its own, which can be killed. Its port is the same through every restart. */
export class TestNode {
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #asProcess: boolean;
  #running: Running | null = null;

  constructor(env: Readonly<Record<string, string>>, port: number, asProcess: boolean) {
    this.#env = { ...env, PORT: String(port) };
    this.#asProcess = asProcess;
    this.url = `http://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    if (this.#running) throw new Error('The server runs already');
    if (this.#asProcess) {
      this.#running = { type: 'process', server: await ServerProcess.start(this.#env) };
    } else {
      const running = await startServer(loadConfig(this.#env), TEST_OVERRIDES);
      this.#running = { type: 'here', stop: () => running.stop() };
    }
  }

  /** In order: nothing accepted is left undone. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running?.type === 'process') await running.server.end('SIGTERM');
    else await running?.stop();
  }

  /** kill -9: whatever it was doing. Only of a process of its own. */
  async kill(): Promise<void> {
    const server = this.#process();
    this.#running = null;
    await server.end('SIGKILL');
  }

  /** Stops it where it stands: its sockets stay open and nobody answers. Only of a process of its own. */
  pause(): void {
    this.#process().pause();
  }

  resume(): void {
    this.#process().resume();
  }

  #process(): ServerProcess {
    if (this.#running?.type !== 'process') throw new Error('Only a server in a process of its own can be killed or paused: TestSystem.create({ asProcess: true })');
    return this.#running.server;
  }
}

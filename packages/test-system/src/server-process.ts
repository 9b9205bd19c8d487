import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** From its sources: a test of the system must not depend on whether somebody built it. */
const MAIN = join(import.meta.dirname, '../../../apps/server/src/main.ts');
const READY = /is ready at (http:\/\/\S+)/;

/** A server in a process of its own, which can be killed. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  private constructor(url: string, child: ChildProcessByStdio<null, Readable, Readable>) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves once it listens; rejects with everything it said when it ends before. */
  static async start(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], NODE_OPTIONS: process.env['NODE_OPTIONS'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`The server ended before it was ready (${signal ?? code}):\n${said.join('\n')}`)));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          said.push(line);
          const ready = READY.exec(line)?.[1];
          if (ready !== undefined) resolve(ready);
        });
      }
    });
    return new ServerProcess(url, child);
  }

  /** Stops it where it stands: its sockets stay open and nobody answers. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** SIGTERM stops it in order, SIGKILL is a power cut. Resolves when the process is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    // A paused one would not hear it.
    this.#child.kill('SIGCONT');
    await exited;
  }
}

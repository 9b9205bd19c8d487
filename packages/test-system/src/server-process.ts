import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** From its sources: a test of the system must not depend on whether somebody built it. */
const MAIN = join(import.meta.dirname, '../../../apps/server/src/main.ts');
/** So that it stops in order, with its database, when whoever started it is gone without a word. */
const END_WITH_PARENT = join(import.meta.dirname, '../../../tools/end-with-parent.mjs');
const READY = /is ready at (http:\/\/\S+)/;

interface ServerProgram {
  /** Another than the sources: the built one. */
  main?: string;
  /** Modules that are loaded before it, in the same process. */
  preload?: readonly string[];
}

/** A server in a process of its own, which can be killed. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves once it listens; rejects with everything it said when it ends before. */
  static async start(env: Readonly<Record<string, string>>, { main = MAIN, preload = [] }: ServerProgram = {}): Promise<ServerProcess> {
    const before = [END_WITH_PARENT, ...preload].flatMap((path) => ['--import', pathToFileURL(path).href]);
    const child = spawn(process.execPath, [...before, main], {
      env: { PATH: process.env['PATH'], NODE_OPTIONS: process.env['NODE_OPTIONS'], ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const said: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`The server ended before it was ready (${signal ?? code}):\n${said.join('\n')}`)));
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface({ input: stream }).on('line', (line) => {
          said.push(line);
          const ready = READY.exec(line)?.[1];
          if (ready !== undefined) resolve(ready);
        });
      }
    });
    return new ServerProcess(url, child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What a preloaded module answers. */
  async ask(question: string): Promise<unknown> {
    const answered: Promise<unknown[]> = once(this.#child, 'message');
    this.#child.send(question);
    const [answer] = await answered;
    return answer;
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

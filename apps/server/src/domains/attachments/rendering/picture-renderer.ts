import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Rendered, RenderRequest } from './render-pictures.ts';

/** The bytes are no picture we take, or one too large or too slow to open. */
export class UnreadablePictureError extends Error {}

/** A camera's picture takes about a second; what takes this long was made to. */
const TIMEOUT_MS = 20_000;
/** A process that has nothing to do gives its memory back. */
const IDLE_MS = 60_000;
/** JavaScript's share only: the pixels are bounded by their number, at most 128 MB. */
const HEAP_MB = 128;

type Answer = { status: 'rendered'; rendered: Rendered } | { status: 'failed'; reason: string };

/**
 * Renders pictures in a process of its own, one after the other: decoders of
 * hostile files may crash, hang or be taken over, and then there is no secret,
 * no database and no server in reach.
 */
export class PictureRenderer {
  #child: ChildProcess | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @throws UnreadablePictureError when no second try can help */
  render(request: RenderRequest): Promise<Rendered> {
    const rendered = this.#queue.then(() => this.#renderNow(request));
    this.#queue = rendered.catch(() => undefined);
    return rendered;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#child?.kill('SIGKILL');
    await this.#queue;
  }

  #renderNow(request: RenderRequest): Promise<Rendered> {
    if (this.#isClosed) throw new Error('The renderer is closed');
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    return new Promise<Rendered>((resolve, reject) => {
      const timeout = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new UnreadablePictureError('The picture takes too long to open.'));
      }, TIMEOUT_MS);
      const settle = () => {
        clearTimeout(timeout);
        child.removeAllListeners('message');
        child.off('exit', onExit);
        this.#idle = setTimeout(() => child.kill(), IDLE_MS).unref();
      };
      const onExit = () => {
        settle();
        reject(this.#isClosed ? new Error('The renderer is closed') : new UnreadablePictureError('The picture cannot be opened.'));
      };
      child.once('exit', onExit);
      child.once('message', (answer: Answer) => {
        settle();
        if (answer.status === 'rendered') resolve(answer.rendered);
        else reject(new UnreadablePictureError(`The picture cannot be opened: ${answer.reason}`));
      });
      child.send(request, (error) => {
        if (error) child.kill('SIGKILL');
      });
    });
  }

  #start(): ChildProcess {
    // No environment: what the server was told at its start is not for a decoder.
    const child = fork(PROGRAM, [], { env: {}, execArgv: [`--max-old-space-size=${HEAP_MB}`], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    child.on('error', () => undefined);
    // An idle one does not keep the server from ending.
    child.unref();
    child.channel?.unref();
    return child;
  }
}

/** Beside this file as a source, beside the bundle that holds it otherwise. */
const PROGRAM = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'renderer-process.ts' : 'renderer-process.js');

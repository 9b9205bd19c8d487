import { ServerProcess, type StreamProxy } from '@couplet/test-system/faults';

interface ServerNodeOptions {
  name: string;
  port: number;
  env: Readonly<Record<string, string>>;
  /** Its way to Redis, where that can be divided. */
  redisWay: StreamProxy | null;
  /** Of another revision: its `main.ts`. */
  main: string | undefined;
}

/** One server process of a deployment, with its name and address kept through restarts. */
export class ServerNode {
  readonly name: string;
  readonly port: number;
  readonly redisWay: StreamProxy | null;
  readonly #options: ServerNodeOptions;
  #process: ServerProcess | null = null;

  constructor(options: ServerNodeOptions) {
    this.name = options.name;
    this.port = options.port;
    this.redisWay = options.redisWay;
    this.#options = options;
  }

  /** Past the load balancer. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isUp(): boolean {
    return this.#process !== null;
  }

  async start(): Promise<void> {
    if (this.#process) return;
    const { env, main } = this.#options;
    this.#process = await ServerProcess.start({ ...env, PORT: String(this.port) }, main === undefined ? {} : { main });
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = this.#process;
    this.#process = null;
    await ending?.end(signal);
  }

  pause(): void {
    this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }
}

/**
 * What makes a process believe that it is another time. The clock of the
 * machine stays as it is, so timers do not change.
 */
export function skewedClock(ms: number): Record<string, string> {
  const code = `const now=Date.now;globalThis.Date=class extends Date{constructor(...given){if(given.length===0)super(now()+${ms});else super(...given);}static now(){return now()+${ms};}};`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

import { ClusterProbe } from './cluster-probe.ts';
import type { Deployment } from './deployment.ts';
import type { History } from './history.ts';
import { NodeDeaths } from './node-deaths.ts';
import { PushWatch } from './push-watch.ts';
import { Revocations } from './revocations.ts';
import { SlowReaders } from './slow-readers.ts';

interface BystandersOptions {
  deployment: Deployment;
  history: History;
  folder: string;
  /** Whether the run is long enough for what takes a minute to show. */
  isWatched: boolean;
  /** When it heals, by `performance.now()`. */
  endsAt: number;
}

/** People of a cluster with whom nothing is broken, and who look at what the others cannot see. Null what nobody looks at in this run. */
export class Bystanders {
  readonly probe: ClusterProbe | null;
  readonly nodeDeaths: NodeDeaths | null;
  readonly slowReaders: SlowReaders | null;
  readonly #revocations: Revocations | null;
  readonly #pushes: PushWatch | null;

  private constructor(probe: ClusterProbe | null, nodeDeaths: NodeDeaths | null, slowReaders: SlowReaders | null, revocations: Revocations | null, pushes: PushWatch | null) {
    this.probe = probe;
    this.nodeDeaths = nodeDeaths;
    this.slowReaders = slowReaders;
    this.#revocations = revocations;
    this.#pushes = pushes;
  }

  static async open({ deployment, history, folder, isWatched, endsAt }: BystandersOptions): Promise<Bystanders> {
    if (deployment.nodes.length === 1) return new Bystanders(null, null, null, null, null);
    const probe = await ClusterProbe.open(deployment, history, folder);
    if (!isWatched) return new Bystanders(probe, null, null, null, null);
    const nodeDeaths = await NodeDeaths.open(deployment, history, folder, endsAt);
    const slowReaders = await SlowReaders.open(deployment, history, probe);
    const pushes = deployment.pushes ? await PushWatch.open(deployment, history, folder, deployment.pushes) : null;
    return new Bystanders(probe, nodeDeaths, slowReaders, await Revocations.open(deployment, history), pushes);
  }

  /** Before anything is healed: what they began comes to its end. */
  async rest(): Promise<void> {
    await Promise.all([this.nodeDeaths?.close(), this.#revocations?.close(), this.#pushes?.stop()]);
    await this.probe?.close();
  }

  /** When everything is healed: waits for what is still to come. */
  async settle(): Promise<void> {
    await this.#pushes?.settle();
  }

  /** How often each was there to look, for the table. */
  get looks(): Record<string, number> {
    return {
      ...(this.probe ? { 'Redis away, watched': this.probe.looks.withoutRedis, 'nodes stopped, watched': this.probe.looks.whileStopping, 'sends meanwhile': this.probe.looks.sends } : {}),
      ...(this.nodeDeaths ? { 'nodes killed, watched': this.nodeDeaths.looks } : {}),
      ...(this.#revocations ? { 'sessions ended': this.#revocations.looks, 'closed after, ms at most': Math.round(this.#revocations.slowestMs) } : {}),
      ...(this.slowReaders ? { 'slow readers, times': this.slowReaders.looks, 'cost of them, MB at most': Math.round(this.slowReaders.growth / 1024 / 1024) } : {}),
      ...(this.#pushes ? { 'messages to be pushed': this.#pushes.looks.due, 'pushed': this.#pushes.looks.pushed } : {}),
    };
  }
}

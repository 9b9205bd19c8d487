import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@couplet/server/test/free-port';
import { until } from './until.ts';

const CONFIGURATION = join(import.meta.dirname, '../../../deploy/nginx');

/** The real nginx with the configuration that `deploy/nginx` ships, in front of nodes of a test. */
export class NginxProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** @param nodes where they listen, such as `http://127.0.0.1:4001` */
  static async start(nodes: readonly string[]): Promise<NginxProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-nginx-'));
    const port = await freePort();
    await copyFile(join(CONFIGURATION, 'nginx.conf'), join(folder, 'nginx.conf'));
    await mkdir(join(folder, 'conf.d'));
    const values: Readonly<Record<string, string>> = {
      COUPLET_PORT: `127.0.0.1:${port}`,
      COUPLET_NODES: nodes.map((node) => `server ${new URL(node).host} max_fails=1 fail_timeout=1s;`).join(' '),
      COUPLET_SOCKETS: nodes.map((node) => `server ${new URL(node).host} max_fails=0;`).join(' '),
      // No S3 in these tests: nothing listens there.
      COUPLET_STORE: 'server 127.0.0.1:9;',
      COUPLET_BUCKET: 'couplet-media',
    };
    const template = await readFile(join(CONFIGURATION, 'couplet.conf.template'), 'utf8');
    // As the image's start does it with envsubst.
    await writeFile(join(folder, 'conf.d/couplet.conf'), template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
    const child = spawn(nginxPath(), ['-p', `${folder}/`, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => void said.push(chunk.toString()));
    let failure: string | undefined;
    child.once('error', (error) => (failure = error.message));
    child.once('exit', (code) => (failure = `nginx ended with ${code}:\n${said.join('')}`));
    const nginx = new NginxProcess(`http://127.0.0.1:${port}`, child, folder);
    await until('nginx answers', async () => {
      if (failure !== undefined) throw new Error(failure);
      return fetch(`${nginx.url}/metrics`).then(({ status }) => status === 404, () => false);
    });
    return nginx;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function nginxPath(): string {
  return process.env['NGINX_PATH'] ?? '/usr/sbin/nginx';
}

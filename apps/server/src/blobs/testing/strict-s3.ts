import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { refusalOf } from './aws-signature.ts';

export const ACCOUNT = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
export const BUCKET = 'attachments';
export const REGION = 'us-east-1';

/**
 * An S3-speaking server that checks what a real one checks and the one behind it
 * does not: every signature with all that was signed, and the age of links.
 */
export class StrictS3 {
  readonly endpoint: string;
  /** Of what was refused, in order. */
  readonly refusals: string[] = [];
  readonly #front: Server;
  readonly #behind: { close(): Promise<void> };
  readonly #directory: string;

  private constructor(parts: { endpoint: string; front: Server; behind: { close(): Promise<void> }; directory: string; refusals: string[] }) {
    this.endpoint = parts.endpoint;
    this.#front = parts.front;
    this.#behind = parts.behind;
    this.#directory = parts.directory;
    this.refusals = parts.refusals;
  }

  static async start(now: () => number): Promise<StrictS3> {
    const directory = await mkdtemp(join(tmpdir(), 'couplet-s3-'));
    const behind = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory });
    const { port } = await behind.run();
    const refusals: string[] = [];
    const front = createServer((incoming, answer) => {
      const refusal = refusalOf(incoming, ACCOUNT, now());
      if (refusal !== null) {
        refusals.push(refusal);
        incoming.resume();
        answer.writeHead(403, { 'content-type': 'application/xml', connection: 'close' }).end(`<Error><Code>${refusal}</Code></Error>`);
        return;
      }
      const { method, url: path, headers } = incoming;
      // With the host that was signed, which is this one's.
      const passed = forward({ host: '127.0.0.1', port, method, path, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const strict = new StrictS3({ endpoint, front, behind, directory, refusals });
    const admin = new S3Client({ endpoint, region: REGION, credentials: ACCOUNT, forcePathStyle: true });
    await admin.send(new CreateBucketCommand({ Bucket: BUCKET }));
    admin.destroy();
    return strict;
  }

  async close(): Promise<void> {
    this.#front.closeAllConnections();
    await new Promise((resolve) => this.#front.close(resolve));
    await this.#behind.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

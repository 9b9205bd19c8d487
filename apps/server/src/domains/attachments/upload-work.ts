import type { AttachmentId } from '@couplet/protocol';
import type pg from 'pg';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { JobKind, JobQueue } from '../../jobs/job-queue.ts';
import type { Logger } from '../../log.ts';
import { collectUploads } from './collect-uploads.ts';
import { prepareUpload } from './prepare-upload.ts';
import { PictureRenderer } from './rendering/picture-renderer.ts';
import { UploadOutcomes } from './upload-outcomes.ts';

export interface UploadWorkOptions {
  pool: pg.Pool;
  jobs: JobQueue;
  log: Logger;
  blobs: BlobStore;
  now: () => number;
  keepOriginals: boolean;
}

const PREPARE = 'attachments-prepare';
const COLLECT = 'attachments-collect';
/** A node that died with a picture in its hands is not waited for longer than this. */
const PREPARE_EXPIRES_SECONDS = 5 * 60;
/** Videos and files are looked at while a picture is opened; each streams, so none costs memory. */
const PREPARE_PARALLEL = 4;

/** What is done with uploads after the request that completed them: looking at them, and clearing away. */
export class UploadWork {
  readonly outcomes: UploadOutcomes;
  readonly #jobs: JobQueue;
  readonly #renderer: PictureRenderer;

  /** Removes what nobody uses; answers how many. */
  readonly collect: () => Promise<number>;

  private constructor(parts: { outcomes: UploadOutcomes; jobs: JobQueue; renderer: PictureRenderer; collect: () => Promise<number> }) {
    this.outcomes = parts.outcomes;
    this.#jobs = parts.jobs;
    this.#renderer = parts.renderer;
    this.collect = parts.collect;
  }

  static async start(options: UploadWorkOptions): Promise<UploadWork> {
    const { pool, jobs, log, blobs, now, keepOriginals } = options;
    const outcomes = new UploadOutcomes();
    const renderer = new PictureRenderer();
    const preparing: JobKind<{ uploadId: AttachmentId }> = {
      name: PREPARE,
      attempts: 3,
      expireSeconds: PREPARE_EXPIRES_SECONDS,
      parallel: PREPARE_PARALLEL,
      run: ({ uploadId }) => prepareUpload({ pool, blobs, renderer, outcomes, keepOriginals }, uploadId),
      about: ({ uploadId }) => ({ uploadId }),
    };
    const collect = () => collectUploads({ pool, blobs, now, onError: (error) => log.warn({ err: error }, 'An upload that nobody uses could not be removed') });
    const collecting = {
      name: COLLECT,
      cron: '*/10 * * * *',
      async run() {
        const removed = await collect();
        if (removed > 0) log.info({ removed }, 'Uploads that nobody uses were removed');
      },
    };
    await jobs.work(preparing);
    await jobs.repeat(collecting);
    return new UploadWork({ outcomes, jobs, renderer, collect });
  }

  enqueuePreparation(tx: Transaction, uploadId: AttachmentId): Promise<void> {
    return this.#jobs.enqueue(tx, PREPARE, [{ work: { uploadId } }]);
  }

  nudgePreparation(): void {
    this.#jobs.nudge(PREPARE);
  }

  /** After the job queue was closed. */
  async close(): Promise<void> {
    await this.#renderer.close();
  }
}

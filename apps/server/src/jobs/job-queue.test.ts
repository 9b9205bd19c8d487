import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { createLog } from '../log.ts';
import { NO_TRACES, type Traces } from '../tracing/traces.ts';
import { JobQueue } from './job-queue.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it('follows each job in a trace of its own, and shows which failed', async () => {
  const told: { name: string; jobId: unknown; isFailed: boolean }[] = [];
  const both = Promise.withResolvers<void>();
  const traces: Traces = {
    ...NO_TRACES,
    isOn: true,
    async request(name, attributes, _caller, work) {
      let isFailed = true;
      try {
        const result = await work();
        isFailed = false;
        return result;
      } finally {
        told.push({ name, jobId: attributes['couplet.job_id'], isFailed });
        if (told.length === 2) both.resolve();
      }
    },
  };
  const jobs = await JobQueue.start(database.address, createLog('silent', 'test'), traces);
  await jobs.work<{ succeeds: boolean }>({
    name: 'weigh',
    attempts: 1,
    expireSeconds: 60,
    parallel: 1,
    together: 2,
    run: ({ succeeds }) => (succeeds ? Promise.resolve() : Promise.reject(new Error('too heavy'))),
  });
  const [good, bad] = ['0190a1b2-0000-7000-8000-000000000001', '0190a1b2-0000-7000-8000-000000000002'];
  await jobs.enqueue(database.pool, 'weigh', [{ work: { succeeds: true }, id: good }, { work: { succeeds: false }, id: bad }]);
  jobs.nudge('weigh');
  await both.promise;
  await jobs.close();
  expect(told).toHaveLength(2);
  expect(told).toEqual(
    expect.arrayContaining([
      { name: 'job weigh', jobId: good, isFailed: false },
      { name: 'job weigh', jobId: bad, isFailed: true },
    ]),
  );
});

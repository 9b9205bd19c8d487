import { createTestDatabase } from './test-database.ts';
import { startTestRedis } from './test-redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** What nodes must agree on, beside what every test server has. */
const PUSHER_APP = { PUSHER_APP_ID: '4711', PUSHER_KEY: 'a-public-key', PUSHER_SECRET: 'a-secret-of-tests' };

export interface TestNodes {
  readonly near: TestServer;
  readonly far: TestServer;
  close(): Promise<void>;
}

/** Two nodes of one deployment: one database, one Redis. */
export async function startTestNodes(): Promise<TestNodes> {
  const [database, redis] = [await createTestDatabase(), await startTestRedis()];
  const start = (name: string) => startTestServer({ database, env: { ...PUSHER_APP, REDIS_URL: redis.url, NODE_ID: name } });
  const [near, far] = [await start('near'), await start('far')];
  return {
    near,
    far,
    async close() {
      await Promise.all([near.close(), far.close()]);
      await redis.close();
      await database.close();
    },
  };
}

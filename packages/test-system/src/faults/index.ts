// What breaks things, without a test runner: for tests and for the fault checker.
export { NginxProcess } from '../nginx-process.ts';
export { ServerProcess } from '../server-process.ts';
export type { TransportKind } from '../transport-kind.ts';
export { until } from '../until.ts';
export { DurableDevice, type DurableDeviceOptions } from './durable-device.ts';
export { type Conditions, type Direction, type Fate, FaultProxy } from './fault-proxy.ts';
export { freePort } from '@couplet/server/test/free-port';
export { migrateToNextVersion } from '@couplet/server/test/next-schema';
export { openOwnPostgres, type OwnPostgres } from '@couplet/server/test/own-postgres';
export { openStandby, type StandbyPostgres } from '@couplet/server/test/standby-postgres';
export { startTestRedis, type TestRedis } from '@couplet/server/test/test-redis';
export { startClusterRedis, startSentinelRedis, type TestRedisGroup } from '@couplet/server/test/redis-groups';
export { TestSocket } from '@couplet/server/test/test-socket';
export { openReplicatedPostgres, type ReplicatedPostgres } from './replicated-postgres.ts';
export { StreamProxy } from './stream-proxy.ts';
export { type StreamUnit, textFrame } from './stream-units.ts';

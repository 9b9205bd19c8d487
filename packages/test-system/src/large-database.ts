// A server over a PostgreSQL that tells how it finds its rows, without a test runner: for figures of large databases.
export { type Config, loadConfig, type RunningServer, startServer } from '@couplet/server';
export { EXPLAIN_EVERYTHING, type Explained, listenForPlans, nodesOf } from '@couplet/server/test/explained-statements';
export { openOwnPostgres, type OwnPostgres } from '@couplet/server/test/own-postgres';

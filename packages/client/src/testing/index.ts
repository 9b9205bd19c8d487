export { FakeServer } from './fake-server.ts';
export { FakeWorld } from './fake-world.ts';
export { ManualClock } from './manual-clock.ts';
export { createMemoryTokenStorage, ManualNetwork } from './memory-ports.ts';
export { createScene, type Device, type Scene } from './scene.ts';
export * from './samples.ts';
export { seededRandom } from './seeded-random.ts';
export { settle } from './settle.ts';
export { PairedSockets, type ServerEnd, SocketPair } from './socket-pair.ts';

export { describeStore } from './store-contract.ts';
export { createFixture, describeTransport, RecordingListener, type TransportFixture } from './transport-contract.ts';

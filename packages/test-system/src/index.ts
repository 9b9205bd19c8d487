export { NodeNetwork } from './node-network.ts';
export { TestDevice, type TransportKind } from './test-device.ts';
export { TestSystem, type TestSystemOptions, type TestUser } from './test-system.ts';
export { until } from './until.ts';

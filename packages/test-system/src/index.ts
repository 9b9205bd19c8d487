export { NodeNetwork } from './node-network.ts';
export { TestDevice } from './test-device.ts';
export { TestNode } from './test-node.ts';
export { TestSystem, type TestSystemOptions, type TestUser } from './test-system.ts';
export { until } from './until.ts';

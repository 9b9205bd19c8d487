export { type Config, loadConfig } from './config.ts';
export type { Context, ContextOverrides } from './context.ts';
export { type RunningServer, startServer } from './server.ts';

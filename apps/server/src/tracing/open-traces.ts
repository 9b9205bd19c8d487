import type { Config } from '../config.ts';
import { SERVER_VERSION } from '../server-package.ts';
import { NO_TRACES, type Traces } from './traces.ts';

/** The libraries are loaded only where somebody listens. */
export async function openTraces({ otlpEndpoint: endpoint, traceFraction: fraction, nodeId }: Config): Promise<Traces> {
  if (endpoint === undefined) return NO_TRACES;
  const { OtlpTraces } = await import('./otlp-traces.ts');
  return new OtlpTraces({ endpoint, fraction, nodeId, serverVersion: SERVER_VERSION });
}

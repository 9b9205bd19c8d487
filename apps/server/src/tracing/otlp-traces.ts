import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessageId } from '@couplet/protocol';
import { type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type IdGenerator, RandomIdGenerator, type Sampler, SamplingDecision, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { parseTraceparent, placeOfMessage, type SpanPlace } from './trace-ids.ts';
import { type SpanAttributes, traceTime, type Traces } from './traces.ts';

export interface OtlpTracesOptions {
  /** Where a collector takes OTLP over HTTP, without `/v1/traces`. */
  endpoint: string;
  /** The share of traces that is sent, 0 to 1. It follows from the trace's id, so every node decides alike. */
  fraction: number;
  nodeId: string;
  serverVersion: string;
}

/** A part of a request, told once the request's place is known. */
interface Step {
  name: string;
  startedAt: number;
  endedAt: number;
  attributes: SpanAttributes;
  failure: unknown;
}

interface UnderWay {
  place: SpanPlace;
  messageId: MessageId | undefined;
  steps: Step[];
}

/** A request with more parts than this is a loop; the rest is left out. */
const MOST_STEPS = 200;

/** Sends spans to an OpenTelemetry collector. */
export class OtlpTraces implements Traces {
  readonly isOn = true;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #sampler: Sampler;
  readonly #ids = new ChosenIds();
  readonly #underWay = new AsyncLocalStorage<UnderWay>();

  constructor({ endpoint, fraction, nodeId, serverVersion }: OtlpTracesOptions) {
    this.#sampler = new TraceIdRatioBasedSampler(fraction);
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'couplet', 'service.version': serverVersion, 'service.instance.id': nodeId }),
      idGenerator: this.#ids,
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }) })],
    });
    this.#tracer = this.#provider.getTracer('couplet', serverVersion);
  }

  async request<T>(name: string, attributes: SpanAttributes, caller: string | undefined, work: () => Promise<T>): Promise<T> {
    const from = parseTraceparent(caller);
    const underWay: UnderWay = {
      place: { traceId: from?.traceId ?? this.#ids.generateTraceId(), spanId: this.#ids.generateSpanId() },
      messageId: undefined,
      steps: [],
    };
    const startedAt = traceTime();
    let failure: unknown;
    try {
      return await this.#underWay.run(underWay, work);
    } catch (cause) {
      failure = cause;
      throw cause;
    } finally {
      this.#tell(underWay, from, { name, startedAt, endedAt: traceTime(), attributes, failure });
    }
  }

  async step<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay.getStore();
    if (!underWay || underWay.steps.length >= MOST_STEPS) return work();
    const step: Step = { name, startedAt: traceTime(), endedAt: 0, attributes, failure: undefined };
    underWay.steps.push(step);
    try {
      return await work();
    } catch (cause) {
      step.failure = cause;
      throw cause;
    } finally {
      step.endedAt = traceTime();
    }
  }

  stored(messageId: MessageId): void {
    const underWay = this.#underWay.getStore();
    if (!underWay) return;
    underWay.messageId = messageId;
    underWay.place = placeOfMessage(messageId);
  }

  ofMessage(messageId: MessageId, name: string, startedAt: number, attributes: SpanAttributes): void {
    const place = placeOfMessage(messageId);
    if (!this.#isSampled(place.traceId)) return;
    this.#span({ name, startedAt, endedAt: traceTime(), attributes: { ...attributes, 'couplet.message_id': messageId }, failure: undefined }, SpanKind.INTERNAL, place);
  }

  logFields(): { traceId?: string } {
    const underWay = this.#underWay.getStore();
    return underWay ? { traceId: underWay.place.traceId } : {};
  }

  async close(): Promise<void> {
    // A collector that is away must not hold up a stop.
    await this.#provider.shutdown().catch(() => undefined);
  }

  #tell({ place, messageId, steps }: UnderWay, from: (SpanPlace & { isSampled: boolean }) | null, request: Step): void {
    if (!this.#isSampled(place.traceId) && !(from?.isSampled === true)) return;
    const attributes = messageId === undefined ? request.attributes : { ...request.attributes, 'couplet.message_id': messageId };
    // A message's trace is its own: the caller's is named beside it.
    const isCallers = from !== null && messageId === undefined;
    const links: Link[] = from && !isCallers ? [{ context: { ...from, traceFlags: TraceFlags.SAMPLED } }] : [];
    this.#span({ ...request, attributes }, SpanKind.SERVER, isCallers ? from : null, { ...place, links });
    for (const step of steps) this.#span(step, SpanKind.INTERNAL, place);
  }

  #span(step: Step, kind: SpanKind, parent: SpanPlace | null, chosen?: SpanPlace & { links: Link[] }): void {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }) : ROOT_CONTEXT;
    this.#ids.choose(chosen);
    const { name, startedAt, endedAt, attributes, failure } = step;
    const span = this.#tracer.startSpan(name, { kind, startTime: startedAt, attributes, links: chosen?.links ?? [] }, context);
    this.#ids.choose(undefined);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(failure) });
    span.end(endedAt || startedAt);
  }

  #isSampled(traceId: string): boolean {
    return this.#sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }
}

/** The closed list's code, or the kind of error: what people write is in no trace. */
function codeOf(failure: unknown): string {
  if (typeof failure === 'object' && failure !== null && 'code' in failure) return String(failure.code);
  return failure instanceof Error ? failure.name : 'unknown';
}

/** Random ids, but for the next span where they are known already. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: SpanPlace | undefined;

  choose(place: SpanPlace | undefined): void {
    this.#chosen = place;
  }

  generateTraceId(): string {
    return this.#chosen?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#chosen?.spanId ?? this.#random.generateSpanId();
  }
}

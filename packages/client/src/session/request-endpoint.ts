import {
  CoupletError,
  ENDPOINTS,
  type Endpoint,
  type EndpointAnswer,
  type EndpointInput,
  type EndpointName,
  ERROR_CODES,
  type ErrorCode,
  problemSchema,
} from '@couplet/protocol';
import type { CancelSignal } from '../ports/files-port.ts';
import type { HttpPort, HttpResponse } from '../ports/ports.ts';
import type { Report } from '../problem-log.ts';
import { salvage } from '../salvage.ts';

export type InputOf<Name extends EndpointName> = EndpointInput<(typeof ENDPOINTS)[Name]>;
export type AnswerOf<Name extends EndpointName> = EndpointAnswer<(typeof ENDPOINTS)[Name]>;

export interface RestServer {
  http: HttpPort;
  /** Without a slash at the end, e.g. `http://127.0.0.1:4000`. */
  serverUrl: string;
  report: Report;
}

export interface Answered<Answer> {
  answer: Answer;
  /** The server's clock as epoch ms, where the answer told it. */
  serverNow: number | null;
}

/**
 * One REST call. Rejects with `CoupletError`: the server's problem document, or
 * `unavailable` when no answer came from the server (a portal's page or a proxy's
 * is none, whatever its status) or the call was cancelled, or `internal` when the answer does not fit.
 */
export async function requestEndpoint<Name extends EndpointName>(
  server: RestServer,
  name: Name,
  input: InputOf<Name>,
  token: string | null,
  signal?: CancelSignal,
): Promise<Answered<AnswerOf<Name>>> {
  const endpoint: Endpoint = ENDPOINTS[name];
  const parts: RequestParts = input;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== null) headers.authorization = `Bearer ${token}`;
  if (parts.body !== undefined) headers['content-type'] = 'application/json';
  let response: HttpResponse;
  try {
    if (signal?.isCancelled === true) throw new Error('Cancelled');
    response = await server.http.request({
      method: endpoint.method,
      url: server.serverUrl + pathOf(endpoint, parts),
      headers,
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(signal && { signal }),
    });
  } catch (cause) {
    throw new CoupletError('unavailable', 'The server did not answer.', { cause });
  }
  const serverNow = parseDate(response.headers.date);
  const schema = endpoint.responses[response.status];
  const body = parseJson(response.body);
  if (schema === undefined) throw problemOf(response, body);
  if (body === undefined) throw notFromServer(response);
  const salvaged = salvage(schema, body);
  if (salvaged.status === 'refused') {
    // Empty where there should be something: nobody's answer rather than a wrong one.
    if (body === null) throw notFromServer(response);
    throw new CoupletError('internal', `The answer of ${name} does not have the expected shape: ${salvaged.reason}`);
  }
  if (salvaged.dropped > 0) server.report('api', `${name} answered ${salvaged.dropped} malformed rows; they were skipped`);
  return { answer: salvaged.value as AnswerOf<Name>, serverNow };
}

interface RequestParts {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

function pathOf(endpoint: Endpoint, parts: RequestParts): string {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(parts.params?.[name])));
  const query = Object.entries(parts.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

function problemOf(response: HttpResponse, body: unknown): CoupletError {
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const { code, detail, title, errors } = problem.data;
    return new CoupletError(code, detail ?? title, { ...waitOf(response), ...(errors ? { issues: errors } : {}) });
  }
  // A later version's code is the server's word all the same.
  const isProblem = typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
  if (!isProblem) return notFromServer(response);
  return new CoupletError(codeForStatus(response.status), `The server answered ${response.status}.`, waitOf(response));
}

/** Something on the way answered: the page of a hotel's network, a proxy whose server is away. It says nothing about the request. */
function notFromServer(response: HttpResponse): CoupletError {
  return new CoupletError('unavailable', `Something before the server answered ${response.status}.`, waitOf(response));
}

function waitOf(response: HttpResponse): { retryAfterMs?: number } {
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function codeForStatus(status: number): ErrorCode {
  for (const [code, entry] of Object.entries(ERROR_CODES)) if (entry.status === status) return code as ErrorCode;
  return status >= 400 && status < 500 ? 'validation_failed' : 'internal';
}

/** `null` for an empty body, as 204 has; `undefined` for what is not JSON. */
function parseJson(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function parseRetryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function parseDate(header: string | undefined): number | null {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? null : time;
}

/** Longer than a slow mobile link needs for the largest page, shorter than a person's patience. */
const REQUEST_TIMEOUT_MS = 15_000;

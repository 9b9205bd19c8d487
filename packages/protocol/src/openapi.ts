import { z } from 'zod';
import { ENDPOINTS } from './endpoints/all-endpoints.ts';
import type { Endpoint } from './endpoints/define-endpoint.ts';
import { ERROR_CODES, type ErrorCode, problemSchema } from './error-codes.ts';

/** The OpenAPI 3.1 document of every endpoint, generated from their schemas. */
export function openApiDocument(serverVersion: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of Object.values(ENDPOINTS) as Endpoint[]) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Couplet',
      version: serverVersion,
      description: 'REST of a one-to-one messenger. Errors are RFC 9457 problem documents with a `code` from a closed list.',
    },
    paths,
    components: {
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', description: 'Access token of a signed-in user.' },
        admin: { type: 'http', scheme: 'bearer', description: 'The ADMIN_API_KEY of this server.' },
      },
      schemas: { Problem: toJsonSchema(problemSchema, 'output') },
    },
  };
}

/** What every endpoint can answer, with the ones that need a token added below. */
const COMMON_ERRORS: readonly ErrorCode[] = ['validation_failed', 'rate_limited', 'internal', 'unavailable'];

function operation(endpoint: Endpoint) {
  const errors = new Set<ErrorCode>([
    ...COMMON_ERRORS,
    ...(endpoint.auth === 'open' ? [] : (['not_authenticated'] as const)),
    ...(endpoint.errors ?? []),
  ]);
  const problems: Record<string, unknown> = {};
  for (const code of errors) {
    const { status, title } = ERROR_CODES[code];
    const before = problems[status] as { description: string } | undefined;
    problems[status] = {
      description: [before?.description, `\`${code}\`: ${title}`].filter(Boolean).join(' '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  const successes = Object.entries(endpoint.responses).map(([status, schema]) => [
    status,
    schema instanceof z.ZodNull
      ? { description: 'Done.' }
      : { description: 'Done.', content: { 'application/json': { schema: toJsonSchema(schema, 'output') } } },
  ]);
  return {
    operationId: endpoint.name,
    summary: endpoint.summary,
    tags: [endpoint.path.replace(/^\/api/, '').split('/')[1]],
    ...(endpoint.auth === 'open' ? {} : { security: [{ [endpoint.auth]: [] }] }),
    parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
    ...(endpoint.body
      ? { requestBody: { required: true, content: bodyContent(endpoint.body, endpoint.bodyTypes ?? ['json']) } }
      : {}),
    responses: { ...Object.fromEntries(successes), ...problems },
  };
}

const BODY_MEDIA_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

function bodyContent(body: z.ZodType, types: readonly (keyof typeof BODY_MEDIA_TYPES)[]) {
  const schema = toJsonSchema(body, 'input');
  return Object.fromEntries(types.map((type) => [BODY_MEDIA_TYPES[type], { schema }]));
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined) {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(value as z.ZodType, undefined).success,
    schema: toJsonSchema(value as z.ZodType, 'input'),
  }));
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

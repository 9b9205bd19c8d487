import { expect, it } from 'vitest';
import { ENDPOINTS } from './endpoints/all-endpoints.ts';
import type { Endpoint } from './endpoints/define-endpoint.ts';
import { openApiDocument } from './openapi.ts';

const document = openApiDocument('1.2.3');

it('documents every endpoint, once', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path)) as { operationId: string }[];
  expect(operations.map((operation) => operation.operationId).sort()).toEqual(Object.keys(ENDPOINTS).sort());
});

it('names each endpoint as its place in the table does', () => {
  for (const [name, endpoint] of Object.entries(ENDPOINTS) as [string, Endpoint][]) expect(endpoint.name).toBe(name);
});

it('describes every parameter of a path', () => {
  for (const endpoint of Object.values(ENDPOINTS) as Endpoint[]) {
    const named = [...endpoint.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    expect(Object.keys(endpoint.params?.shape ?? {}).sort(), endpoint.name).toEqual(named.sort());
  }
});

it('tells which token an endpoint wants and how it fails', () => {
  expect(document.paths['/api/conversations/{id}/messages']?.['post']).toMatchObject({
    security: [{ user: [] }],
    responses: { 201: {}, 200: {}, 401: {}, 403: { description: expect.stringContaining('`blocked`') } },
  });
});

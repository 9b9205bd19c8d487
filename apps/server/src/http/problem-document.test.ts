import { CoupletError, problemSchema } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { toProblem } from './problem-document.ts';

const problem = (cause: unknown) => toProblem(cause, 'request-1', '/api/messages');

describe('a problem document', () => {
  it('carries the code, its status and whether a retry can help', () => {
    const { problem: document, retryAfter, isFault } = problem(new CoupletError('blocked'));
    expect(problemSchema.parse(document)).toEqual({
      type: 'urn:couplet:error:blocked',
      title: 'You cannot write to this person.',
      status: 403,
      instance: '/api/messages',
      code: 'blocked',
      retryable: false,
      requestId: 'request-1',
    });
    expect({ retryAfter, isFault }).toEqual({ retryAfter: undefined, isFault: false });
  });

  it('names the fields of a validation error', () => {
    const { problem: document } = problem(new CoupletError('validation_failed', undefined, { issues: [{ path: 'name', message: 'Too long' }] }));
    expect(document.errors).toEqual([{ path: 'name', message: 'Too long' }]);
  });

  it('tells after how many whole seconds to come back', () => {
    expect(problem(new CoupletError('rate_limited', undefined, { retryAfterMs: 1_200 })).retryAfter).toBe(2);
    expect(problem(new CoupletError('unavailable')).retryAfter).toBeGreaterThan(0);
  });

  it('reveals nothing of an unexpected failure', () => {
    const { problem: document, isFault } = problem(new Error('relation "users" lives at /var/lib'));
    expect(isFault).toBe(true);
    expect(document).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(document)).not.toContain('users');
  });

  it.each([
    [Object.assign(new Error('terminating connection'), { code: '57P01' }), 'unavailable'],
    [new Error('Connection terminated unexpectedly'), 'unavailable'],
    [new Error('wrapped', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }), 'unavailable'],
    [Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: '22021' }), 'validation_failed'],
    [Object.assign(new Error('too large'), { type: 'entity.too.large', status: 413 }), 'body_too_large'],
    [new URIError('URI malformed'), 'validation_failed'],
    ['a string', 'internal'],
    [null, 'internal'],
  ])('gives %s the code %s', (cause, code) => {
    expect(problem(cause).problem.code).toBe(code);
  });
});

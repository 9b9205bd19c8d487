/**
 * Stands in for `vitest` in a page: collects the tests of a suite and runs them
 * there one by one. What a test expects is noted, and judged outside by the real
 * `expect`: a transaction of IndexedDB cannot wait for another process.
 */
export interface Claim {
  actual: unknown;
  isNot: boolean;
  matcher: string;
  wanted: unknown[];
  /** The claim is about what a promise rejected with: `actual` is the error's message, `null` if it did not reject. */
  isRejection: boolean;
}

export interface TestsInPage {
  titles(): string[];
  run(title: string): Promise<Claim[]>;
}

type Step = () => unknown;

const groups: string[] = [];
const before: Step[] = [];
const after: Step[] = [];
const tests = new Map<string, Step>();
let claims: Claim[] = [];

export function describe(title: string, body: () => void): void {
  groups.push(title);
  body();
  groups.pop();
}

export function it(title: string, body: Step): void {
  tests.set([...groups, title].join(' '), body);
}

export function beforeEach(step: Step): void {
  before.push(step);
}

export function afterEach(step: Step): void {
  after.push(step);
}

export function expect(actual: unknown): unknown {
  const note = (isNot: boolean) => (matcher: string, wanted: unknown[]) => {
    claims.push({ actual: structuredClone(actual), isNot, matcher, wanted, isRejection: false });
  };
  return matchers(note(false), { not: matchers(note(true)), rejects: matchers((matcher, wanted) => noteRejection(actual, matcher, wanted)) });
}

async function noteRejection(promise: unknown, matcher: string, wanted: unknown[]): Promise<void> {
  const outcome = await Promise.resolve(promise).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  claims.push({ actual: outcome, isNot: false, matcher, wanted, isRejection: true });
}

function matchers(note: (matcher: string, wanted: unknown[]) => unknown, besides: Record<string, unknown> = {}): unknown {
  return new Proxy(besides, { get: (own, name: string) => own[name] ?? ((...wanted: unknown[]) => note(name, wanted)) });
}

export const testsInPage: TestsInPage = {
  titles: () => [...tests.keys()],
  async run(title) {
    const body = tests.get(title);
    if (body === undefined) throw new Error(`There is no test "${title}"`);
    claims = [];
    for (const step of before) await step();
    try {
      await body();
    } finally {
      for (const step of after) await step();
    }
    return claims;
  },
};

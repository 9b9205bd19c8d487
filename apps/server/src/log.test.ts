import { describe, expect, it } from 'vitest';
import { createLog, subsystemLog } from './log.ts';

describe('the log', () => {
  const linesOf = (write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] => {
    const lines: string[] = [];
    write(createLog('info', 'node-1', { write: (line) => void lines.push(line) }));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('says which node, which subsystem, when and how bad', () => {
    const [line] = linesOf((log) => subsystemLog(log, 'http').warn({ requestId: 'r-1' }, 'A request failed'));
    expect(line).toMatchObject({ node: 'node-1', subsystem: 'http', level: 'warn', requestId: 'r-1', msg: 'A request failed' });
    expect(line?.['time']).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
  });

  it('says with every line which request it belongs to, where there is one', () => {
    const lines: string[] = [];
    const log = createLog('info', 'node-1', { write: (line) => void lines.push(line) }, () => ({ traceId: 'a1b2' }));
    subsystemLog(log, 'http').info('Answered');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ traceId: 'a1b2', msg: 'Answered' });
  });

  it('never holds a password, a token or a key, however deep', () => {
    const secrets = { password: 's3cret', refreshToken: 's3cret', authorization: 'Bearer s3cret' };
    const lines = linesOf((log) => log.info({ ...secrets, body: secrets, request: { headers: secrets } }, 'careless'));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { MIGRATIONS_FOLDER } from '../server-package.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it('schema.prisma and the migrations describe the same tables, columns, types and nullability', async () => {
  const described = columnsOfSchema(await readFile(join(MIGRATIONS_FOLDER, '../schema.prisma'), 'utf8'));
  expect(described.length).toBeGreaterThan(60);
  expect(described).toEqual(await columnsOfDatabase(database));
});

/** Each as `table.column type` with `?` where it may be null. */
async function columnsOfDatabase({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN '' ELSE '?' END AS line
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '_prisma_migrations' AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  return rows.map(({ line }) => line).sort();
}

function columnsOfSchema(schema: string): string[] {
  const models = [...schema.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)];
  const modelNames = new Set(models.map(([, name]) => name));
  return models
    .flatMap(([, name, body = '']) => {
      const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name;
      return body.split('\n').flatMap((line) => {
        const field = /^\s+(\w+)\s+(Unsupported\("(\w+)"\)|\w+)(\?|\[\])?(\s.*)?$/.exec(line);
        if (!field) return [];
        const [, fieldName, type = '', unsupported, mark, attributes = ''] = field;
        if (mark === '[]' || modelNames.has(type)) return [];
        const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? fieldName;
        return [`${table}.${column} ${unsupported ?? sqlType(type, attributes)}${mark ?? ''}`];
      });
    })
    .sort();
}

function sqlType(prismaType: string, attributes: string): string {
  const native = /@db\.(\w+)(?:\((\d+)\))?/.exec(attributes);
  if (native?.[1] === 'Uuid') return 'uuid';
  if (native?.[1] === 'Timestamptz') return `timestamp(${native[2]}) with time zone`;
  const types: Record<string, string> = { String: 'text', Int: 'integer', BigInt: 'bigint', Boolean: 'boolean', Json: 'jsonb', Bytes: 'bytea' };
  const type = types[prismaType];
  if (native || type === undefined) throw new Error(`This test does not know the type ${prismaType} ${attributes}`);
  return type;
}

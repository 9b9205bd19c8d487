import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Where a default export is what a tool or the router asks for. */
const DEFAULT_EXPORTS = ['**/*.config.{js,cjs,mjs,ts}', 'apps/mobile/src/app/**', '**/*.cjs'];

/** Said here once, so that a reader of the complaint knows what to write instead. */
const NO_DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };
const NO_SKIPPED_TEST = {
  selector: 'MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(skip|todo|only|fails)$/]',
  message: 'A test runs or it is not there.',
};
const NO_SLEEP = {
  selector: "NewExpression[callee.name='Promise'] > ArrowFunctionExpression > CallExpression[callee.name='setTimeout'] , NewExpression[callee.name='Promise'] > ArrowFunctionExpression > BlockStatement > ExpressionStatement > CallExpression[callee.name='setTimeout'][arguments.0.type='Identifier']",
  message: 'Wait for what you wait for (a barrier), or move an injected clock.',
};

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/generated/', '**/.expo/', '.toolchain/', '**/.couplet*/', '**/expo-env.d.ts'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.base],
    plugins: { 'react-hooks': reactHooks },
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-namespace': 'error',
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-debugger': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'A program reads its environment where it begins, and config.ts says what is in it.' }],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_SKIPPED_TEST],
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.test.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_SKIPPED_TEST, NO_SLEEP],
      'no-restricted-imports': ['error', { paths: [{ name: 'node:timers/promises', message: 'Wait for what you wait for (a barrier), or move an injected clock.' }] }],
    },
  },
  {
    // The workspaces' own configuration belongs to no project of theirs.
    files: ['**/*.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
  {
    files: ['tools/**/*.mjs', '*.js'],
    rules: { eqeqeq: 'error', 'no-unused-vars': 'error', 'prefer-const': 'error' },
  },
  {
    files: DEFAULT_EXPORTS,
    rules: { 'no-restricted-syntax': ['error', NO_SKIPPED_TEST] },
  },
  {
    // Where programs begin; tools and load tests have no config.ts.
    files: ['apps/server/src/main.ts', 'apps/server/src/seed/main.ts', 'apps/mobile/src/platform/server-url.web.ts', '**/*.config.ts', 'bench/src/**', 'e2e/**', 'packages/test-system/src/**', '**/*.test.ts', '**/test/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
);

import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** A shape of code that must not appear, and what to write instead. */
const ban = (selector, message) => ({ selector, message });

/** Everywhere in TypeScript. Each message names the idiom that takes the place of what is banned. */
const bans = [
  ban("CallExpression[callee.name='forwardRef']", 'a cycle: move the shared part one floor down'),
  ban("MemberExpression[object.name='Scope'][property.name='REQUEST']", 'pass the request as an argument'),
  ban("CallExpression[callee.property.name='hijack']", 'return a Readable: eventStream()'),
  ban(
    "MemberExpression[property.name=/^(write|writeHead|end)$/]:matches([object.property.name='raw'], [object.name='raw'])",
    'return a Readable: eventStream()',
  ),
  ban("Decorator[expression.callee.name='Sse']", 'it renumbers events and buffers for slow clients: eventStream()'),
  ban(
    "Decorator[expression.callee.name=/^(Res|Response)$/]:not(:has(Property[key.name='passthrough'][value.value=true]))",
    '@Res() without passthrough switches the reply off',
  ),
  ban(
    'Decorator[expression.callee.name=/^(UseInterceptors|Global)$/]',
    'spans and accounting live in the stream; modules say what they import',
  ),
  ban(
    "CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|doMock|unstable_mockModule)$/]",
    'hand a fake to the constructor',
  ),
  ban(
    'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo)$/], CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]',
    'every test runs, always',
  ),
];

const dynamicBan = ban(
  'ImportExpression',
  'a static import: Jest cannot load a dynamic one; only an entry point may load later what costs much',
);

const environmentBan = ban(
  "MemberExpression[object.name='process'][property.name='env'], VariableDeclarator[init.name='process'] Property[key.name='env']",
  'only platform/config reads the environment',
);

const starBan = ban('ExportAllDeclaration', 'a door lists the names it lets through; only core exports everything');

const clockBan = ban(
  "CallExpression[callee.object.name='Date'][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.object.name='Math'][callee.property.name='random'], CallExpression[callee.name=/^(randomUUID|randomBytes)$/], CallExpression[callee.property.name=/^(randomUUID|randomBytes)$/]",
  'a pure file takes its clock and its ids as arguments',
);

const restricted = (...more) => ({ 'no-restricted-syntax': ['error', ...bans, ...more] });

const TESTS = ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.contract.ts'];

const envelope = 'validate the envelope with zod, pass the rest untouched';
const importBan = {
  'no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'class-validator', message: envelope },
        { name: 'class-transformer', message: envelope },
        { name: 'rxjs', message: 'streams are async iterables' },
      ],
      patterns: [{ group: ['rxjs/*', 'class-validator/*', 'class-transformer/*'], message: 'see the bare name' }],
    },
  ],
};

const SHELL = 'module,controller,gateway,guard,filter,service,processor,schedule,repository,entity,adapter';

const size = {
  'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: false, skipComments: false }],
  complexity: ['error', 12],
};

/** Not in the preset, or in it with an option that fights Nest, streams or plain arithmetic in messages. */
const typed = {
  '@typescript-eslint/require-await': 'off', // generators, and methods that an interface makes async
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/no-confusing-void-expression': 'off', // `for (;; await delay(ms))`, `promise.catch(() => undefined)`
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // Nest types its option objects as classes
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  '@typescript-eslint/only-throw-error': [
    'error',
    { allowThrowingUnknown: true, allowThrowingAny: false, allowRethrowing: true }, // `throw signal.reason`
  ],
  '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
  eqeqeq: ['error', 'always'],
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
};

export default tseslint.config(
  {
    ignores: ['dist/', 'data/', 'coverage/', '.cache/', '**/node_modules/'],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...typed, ...size, ...importBan, ...restricted(environmentBan, starBan, dynamicBan) },
  },
  { files: ['src/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['src/*/**/*.ts'],
    ignores: [`src/**/*.{${SHELL}}.ts`, 'src/platform/**', ...TESTS],
    rules: restricted(environmentBan, starBan, dynamicBan, clockBan),
  },
  { files: ['src/*.ts'], ignores: TESTS, rules: restricted(environmentBan, starBan) },
  // The one place where ids of calls are made.
  { files: ['src/core/call-id.ts'], rules: restricted(environmentBan, starBan, dynamicBan) },
  { files: ['src/core/index.ts'], rules: restricted(environmentBan, dynamicBan, clockBan) },
  { files: ['src/platform/config/**/*.ts'], rules: restricted(starBan, dynamicBan) },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', ...TESTS],
    rules: {
      ...restricted(dynamicBan),
      'max-lines-per-function': 'off', // a describe block is one function
      '@typescript-eslint/no-unsafe-assignment': 'off', // `expect.any()` is typed `any`
      '@typescript-eslint/no-extraneous-class': 'off', // a module or a service that is only there
      '@typescript-eslint/unbound-method': 'off', // `expect(fake.method)` never calls it
    },
  },
  {
    files: ['test/support/**/*.ts', 'bench/**/*.ts'],
    ignores: TESTS,
    rules: { 'max-lines-per-function': size['max-lines-per-function'] },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'AbortSignal',
          'AbortController',
          'TextDecoder',
          'fetch',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'setImmediate',
          'performance',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { ...size, eqeqeq: ['error', 'always'] },
  },
  {
    files: ['**/*.cjs', '**/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: {
        module: 'writable',
        exports: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        __filename: 'readonly',
      },
    },
  },
);

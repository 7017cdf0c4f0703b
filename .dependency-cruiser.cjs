/**
 * Who may import whom. `src` is a house of floors: a module imports from lower floors only, and only through the other
 * module's door. docs/architecture.md says why.
 */
const FLOORS = [
  ['core'],
  ['platform'],
  ['auth', 'upstream', 'accounting', 'stored', 'audit'],
  ['routing', 'reconciliation', 'incidents'],
  ['exchange', 'control'],
  ['compat', 'files', 'media', 'mcp', 'operator', 'health'],
];

const FRAMEWORKS = '(@nestjs|typeorm|bullmq|ioredis|fastify|undici|ws)';
const SHELL = '\\.(module|controller|gateway|guard|filter|service|processor|schedule|repository|entity|adapter)\\.ts$';
/** Tests, and suites that several tests run. */
const SPEC = '\\.(spec|e2e-spec|contract)\\.ts$';
/** What starts a process, or is loaded into one before everything else. */
const ROOTS = '^src/[^/]+\\.ts$';

const at = (names) => `^src/(${names.join('|')})/`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const floorRules = FLOORS.flatMap((names, floor) =>
  names.map((name) => {
    const sameOrAbove = FLOORS.slice(floor)
      .flat()
      .filter((other) => other !== name);
    return rule(
      `floor-${floor}-${name}`,
      `${name} stands on floor ${floor}: it may import from lower floors only, and not from its neighbours`,
      { path: at([name]) },
      { path: [at(sameOrAbove), ROOTS] },
    );
  }),
);

const doorRules = [
  rule(
    'one-door',
    'another module is entered through its index.ts (platform has one per part); also by the entry points',
    { path: '^src/([^/]+)/' },
    { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/platform/[^/]+/index\\.ts$'] },
  ),
  rule(
    'one-door-from-root',
    'entry points use doors as everybody does, except to load later what a door would load at once',
    { path: ROOTS, pathNot: SPEC },
    { path: '^src/[^/]+/', dynamic: false, pathNot: ['^src/[^/]+/index\\.ts$', '^src/platform/[^/]+/index\\.ts$'] },
  ),
  rule(
    'one-door-in-platform',
    'one part of platform enters another through its index.ts',
    { path: '^src/platform/([^/]+)/' },
    { path: '^src/platform/([^/]+)/', pathNot: ['^src/platform/$1/', '^src/platform/[^/]+/index\\.ts$'] },
  ),
  rule(
    'no-platform-lobby',
    'platform has one door per part, and none for itself',
    {},
    { path: '^src/platform/[^/]+\\.ts$' },
  ),
  rule(
    'not-through-own-door',
    'inside a module, files import each other directly',
    { path: '^src/(platform/[^/]+|[^/]+)/', pathNot: [SPEC] },
    { path: '^src/$1/index\\.ts$' },
  ),
];

const kindRules = [
  rule(
    'core-is-alone',
    'core is vocabulary: it imports nothing but what Node itself brings',
    { path: '^src/core/', pathNot: SPEC },
    { pathNot: '^src/core/', dependencyTypesNot: ['core'] },
  ),
  rule(
    'no-suffix-no-framework',
    'a file without a shell suffix is pure: a framework reaches it as `import type` or not at all',
    { path: '^src/[^/]+/', pathNot: ['^src/platform/', SHELL, SPEC] },
    { path: `node_modules/${FRAMEWORKS}/`, dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'migrations-are-sql',
    'a migration is SQL, and outlives the code around it: it imports only the types of typeorm',
    { path: '^migrations/', pathNot: ['^migrations/index\\.ts$', SPEC] },
    { pathNot: ['^migrations/', 'node_modules/typeorm/'] },
  ),
  rule(
    'migrations-import-types',
    'a migration needs nothing of typeorm at run time',
    { path: '^migrations/', pathNot: SPEC },
    { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'src-knows-no-test',
    'what ships does not import test/ or bench/',
    { path: '^(src|migrations)/', pathNot: SPEC },
    { path: ['^test/', '^bench/', SPEC] },
  ),
  rule(
    'no-dev-dependency',
    'what ships imports only what a production install has',
    { path: '^(src|migrations)/', pathNot: SPEC },
    { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  ),
];

const graphRules = [
  rule('no-cycle', 'a cycle: move the shared part one floor down', {}, { circular: true }),
  rule(
    'no-orphan',
    'nobody imports it and it imports nobody',
    { orphan: true, pathNot: [ROOTS, SPEC, '\\.d\\.ts$', '\\.(cjs|mjs)$'] },
    {},
  ),
  rule('no-unresolvable', 'this import leads nowhere', {}, { couldNotResolve: true }),
];

module.exports = {
  forbidden: [...floorRules, ...doorRules, ...kindRules, ...graphRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^data/', '^test/clients[^/]*/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'types', 'default'],
      extensions: ['.ts', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};

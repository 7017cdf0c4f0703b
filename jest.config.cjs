/** Packages that ship ES modules only: jest 30 on Node 20 cannot require those untransformed. */
const esmOnly = ['uuid', 'fast-check', 'pure-rand'];

module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  // Tests have a temporary folder of their own, which does not outlive them.
  cacheDirectory: '<rootDir>/.cache/jest',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts', '<rootDir>/test/**/*.e2e-spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/', '<rootDir>/.cache/'],
  transform: { '^.+\\.(ts|js|mjs)$': ['@swc/jest'] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/support/global-setup.cjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.cjs',
  // As many as a small machine has cores: some tests mind what runs beside them.
  maxWorkers: 2,
  // Real servers on a small machine; what hangs has a limit of its own.
  testTimeout: 30_000,
};

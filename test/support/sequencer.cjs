const { createRequire } = require('node:module');
const { relative } = require('node:path');
// As Jest itself finds it.
const { default: Sequencer } = createRequire(require.resolve('jest'))('@jest/test-sequencer');

/**
 * What takes long, in seconds on a small machine with nothing else to do. Storms take long too, but mind what runs beside
 * them: they come among the others.
 */
const LONG = {
  'test/e2e/ledger-equality.e2e-spec.ts': 90,
  'test/e2e/codex-cli.e2e-spec.ts': 50,
  'test/e2e/crash-matrix.e2e-spec.ts': 75,
  'test/simulation/pool.spec.ts': 60,
  'test/e2e/postgres-away.e2e-spec.ts': 45,
  'test/tooling/commands.spec.ts': 40,
  'test/e2e/codex-cli-faults.e2e-spec.ts': 35,
  'test/e2e/rolling-restart.e2e-spec.ts': 40,
  'test/e2e/stores-lost.e2e-spec.ts': 35,
  'test/e2e/canary-accounting.e2e-spec.ts': 30,
  'test/e2e/canary-v1.e2e-spec.ts': 30,
  'test/e2e/embedded-start.e2e-spec.ts': 30,
  'test/e2e/bad-input.e2e-spec.ts': 18,
  'test/e2e/codex-on-v1.e2e-spec.ts': 17,
  'test/e2e/local-start.e2e-spec.ts': 17,
  'test/e2e/two-gateways.e2e-spec.ts': 16,
  'test/tooling/lint-bans.spec.ts': 15,
};

/** Whole applications before single parts. */
const secondsOf = (file) => LONG[file] ?? (file.startsWith('test/') ? 5 : 1);

/** The longest first: at the end no worker goes on alone. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const weighed = [...tests].map((test) => ({
      test,
      seconds: secondsOf(relative(test.context.config.rootDir, test.path)),
    }));
    return weighed
      .sort((a, b) => b.seconds - a.seconds || (a.test.path < b.test.path ? -1 : 1))
      .map(({ test }) => test);
  }
};

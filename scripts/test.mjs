import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, onStop, root, run, start } from './children.mjs';
import { ensureBuilt, ensureClients, ensureInstalled } from './install.mjs';

/**
 * Everything that must hold: `npm test`. Options: `--checks` without the tests, `--drills` with the long campaigns in
 * full; whatever else is given goes to Jest (`npm test -- src/core`). All steps run, whatever fails on the way.
 */
const given = process.argv.slice(2);
const checksOnly = given.includes('--checks');
const drills = given.includes('--drills');
const forJest = given.filter((word) => word !== '--checks' && word !== '--drills');

onStop(() => process.exit(130)); // on exit every child is told to stop

const tally = { passed: 0, failed: 0 };
const notRun = [];
const bin = (path) => join(root, 'node_modules', path);
const seconds = (startedMs) => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;

const CHECKS = [
  ['lint', bin('eslint/bin/eslint.js'), '--max-warnings=0', '--cache', '--cache-location=.cache/eslint', '.'],
  ['types', bin('typescript/bin/tsc'), '--noEmit', '--incremental', '--tsBuildInfoFile', '.cache/tsc.tsbuildinfo'],
  ['format', bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
  [
    'dependency rules',
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', 'src', 'migrations', 'test', 'bench'],
  ],
  ['unused code', bin('knip/bin/knip.js')],
];

async function check([name, file, ...args]) {
  const startedMs = Date.now();
  const { code, output } = await run(process.execPath, [file, ...args]);
  tally[code === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(startedMs)})`);
  if (code !== 0) console.log(output.trimEnd());
}

/** Two at a time: that is how many cores a small machine has. */
async function inPairs(actions) {
  const waiting = [...actions];
  const lane = async () => {
    for (let action = waiting.shift(); action !== undefined; action = waiting.shift()) await action();
  };
  await Promise.all([lane(), lane()]);
}

/** Fetches a Redis for the tests where none is installed; without one a stand-in serves, and the summary says so. */
async function prepareRedis() {
  const { findRedisServer } = createRequire(import.meta.url)('../test/support/find-redis.cjs');
  const isFound = () => Object.keys(findRedisServer()).length > 0;
  if (!isFound()) await run('bash', [join(root, 'scripts/fetch-redis.sh')]);
  if (!isFound()) notRun.push('tests on a real Redis: no redis-server found, js-redis-server took its place');
}

async function jest() {
  const startedMs = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'codex-pooler-test-'));
  const report = join(folder, 'jest.json');
  const notes = join(folder, 'not-run');
  const code = await ended(
    start(process.execPath, [bin('jest/bin/jest.js'), '--json', `--outputFile=${report}`, ...forJest], {
      // A test that cannot run here appends a line to NOT_RUN_FILE instead of passing in silence.
      env: { ...process.env, NOT_RUN_FILE: notes, ...(drills ? { DRILLS: 'full' } : {}) },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  count(existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, code);
  if (existsSync(notes)) notRun.push(...readFileSync(notes, 'utf8').split('\n').filter(Boolean));
  rmSync(folder, { recursive: true, force: true });
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} tests (${seconds(startedMs)})`);
}

function count(report, code) {
  if (report === undefined) {
    tally.failed += 1;
    return;
  }
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  tally.passed += report.numPassedTests;
  tally.failed += failed === 0 && code !== 0 ? 1 : failed;
  for (const { assertionResults } of report.testResults) {
    const pending = assertionResults.filter(({ status }) => status === 'pending' || status === 'todo');
    notRun.push(...pending.map(({ fullName }) => fullName));
  }
}

const startedMs = Date.now();
await ensureInstalled();
await ensureBuilt();
console.log(`ready  (${seconds(startedMs)})`);
/** What the tests need and the checks do not comes meanwhile. */
const prepared = checksOnly ? undefined : Promise.all([ensureClients(), prepareRedis()]);
const tests = async () => {
  await prepared;
  await jest();
};
if (forJest.length === 0) await inPairs(CHECKS.map((each) => () => check(each)));
if (!checksOnly) await tests();
for (const line of [...new Set(notRun)].sort()) console.log(`NOT RUN ${line}`);
console.log(`all of it in ${seconds(startedMs)}`);
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;

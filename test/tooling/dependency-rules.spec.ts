import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Cruise {
  readonly summary: { readonly violations: readonly { from: string; to: string; rule: { name: string } }[] };
  readonly modules: readonly { source: string }[];
}

const root = join(__dirname, '../..');
const config = join(root, '.dependency-cruiser.cjs');

function cruise(cwd: string, ...paths: string[]): Cruise {
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = spawnSync(process.execPath, [command, '--config', config, '--output-type', 'json', ...paths], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.error !== undefined) throw run.error;
  if (!run.stdout.startsWith('{')) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Cruise;
}

/** Rule → the file that breaks it, and what that file imports. A file's text is its imports. */
const BREACHES: Record<string, readonly [from: string, imported: string]> = {
  'floor-0-core': ['src/core/up.ts', '../platform/config/index.js'],
  'floor-1-platform': ['src/platform/redis/up.ts', '../../auth/index.js'],
  'floor-2-auth': ['src/auth/up.ts', '../accounting/index.js'],
  'floor-2-audit': ['src/audit/up.ts', '../accounting/index.js'],
  'floor-2-upstream': ['src/upstream/up.ts', '../auth/index.js'],
  'floor-2-accounting': ['src/accounting/up.ts', '../routing/index.js'],
  'floor-2-stored': ['src/stored/up.ts', '../auth/index.js'],
  'floor-3-reconciliation': ['src/reconciliation/up.ts', '../routing/index.js'],
  'floor-3-routing': ['src/routing/up.ts', '../exchange/index.js'],
  'floor-3-incidents': ['src/incidents/up.ts', '../routing/index.js'],
  'floor-4-control': ['src/control/up.ts', '../exchange/index.js'],
  'floor-4-exchange': ['src/exchange/up.ts', '../compat/index.js'],
  'floor-5-compat': ['src/compat/up.ts', '../files/index.js'],
  'floor-5-files': ['src/files/up.ts', '../media/index.js'],
  'floor-5-media': ['src/media/up.ts', '../mcp/index.js'],
  'floor-5-mcp': ['src/mcp/up.ts', '../operator/index.js'],
  'floor-5-operator': ['src/operator/up.ts', '../health/index.js'],
  'floor-5-health': ['src/health/up.ts', '../main.js'],
  'one-door': ['src/exchange/window.ts', '../upstream/inner.js'],
  'one-door-from-root': ['src/worker.ts', './upstream/inner.js'],
  'one-door-in-platform': ['src/platform/queue/window.ts', '../redis/inner.js'],
  'no-platform-lobby': ['src/operator/lobby.ts', '../platform/everything.js'],
  'not-through-own-door': ['src/upstream/circle.ts', './index.js'],
  'core-is-alone': ['src/core/zod.ts', 'zod'],
  'no-suffix-no-framework': ['src/upstream/policy.ts', 'typeorm'],
  'migrations-are-sql': ['migrations/2-use-code.ts', '../src/core/index.js'],
  'migrations-import-types': ['migrations/3-use-typeorm.ts', 'typeorm'],
  'src-knows-no-test': ['src/compat/borrow.ts', '../../test/support/fake.js'],
  'no-dev-dependency': ['src/compat/develop.ts', 'fast-check'],
  'no-cycle': ['src/routing/chicken.ts', './egg.js'],
  'no-unresolvable': ['src/routing/lost.ts', './nowhere.js'],
};

/** What keeps the rules: doors, pure imports, types of frameworks, shells, specs. None of it may be reported. */
const SOUND: Record<string, string> = {
  'src/main.ts': "import './upstream/index.js';",
  'src/core/index.ts': "import './word.js';",
  'src/core/word.ts': "import 'node:crypto';",
  'src/core/word.spec.ts': "import 'fast-check'; import './word.js';",
  'src/platform/config/index.ts': "import '../../core/index.js'; import 'zod';",
  'src/platform/redis/index.ts': "import './inner.js'; import '../config/index.js'; import 'typeorm';",
  'src/platform/redis/inner.ts': "import 'node:net';",
  'src/platform/everything.ts': "import 'node:net';",
  'src/auth/index.ts': "import '../platform/redis/index.js';",
  'src/accounting/index.ts': "import '../core/index.js';",
  'src/upstream/index.ts': "import './inner.js'; import './inner.service.js'; import './types.js';",
  'src/upstream/inner.ts': "import '../core/index.js';",
  'src/upstream/inner.service.ts': "import 'typeorm'; import './inner.js';",
  'src/upstream/types.ts': "import type { MigrationInterface } from 'typeorm'; export type A = MigrationInterface;",
  'src/routing/index.ts': "import '../upstream/index.js';",
  'src/routing/egg.ts': "import './chicken.js';",
  'src/exchange/index.ts': "import '../routing/index.js';",
  'src/compat/index.ts': "import '../exchange/index.js'; import '../core/index.js';",
  'src/files/index.ts': "import '../core/index.js';",
  'src/media/index.ts': "import '../core/index.js';",
  'src/mcp/index.ts': "import '../accounting/index.js';",
  'src/operator/index.ts': "import '../auth/index.js';",
  'src/health/index.ts': "import '../core/index.js';",
  'src/health/index.spec.ts': "import '../../test/support/fake.js';",
  'test/support/fake.ts': "import '../../src/upstream/inner.js';",
  'migrations/1-create.ts': "import type { MigrationInterface } from 'typeorm'; export type A = MigrationInterface;",
  'package.json':
    '{ "dependencies": { "zod": "1.0.0", "typeorm": "1.0.0" }, "devDependencies": { "fast-check": "1.0.0" } }',
  'node_modules/zod/index.js': '',
  'node_modules/typeorm/index.js': '',
  'node_modules/typeorm/index.d.ts': 'export interface MigrationInterface { up(): void }',
  'node_modules/fast-check/index.js': '',
};

describe('dependency rules', () => {
  let house: string;
  let report: Cruise;

  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'house-'));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), text);
    };
    for (const [path, text] of Object.entries(SOUND)) write(path, text);
    for (const [from, imported] of Object.values(BREACHES)) write(from, `import '${imported}';\n`);
    write('src/files/alone.ts', 'export const alone = 1;\n');
    report = cruise(house, 'src', 'test', 'migrations');
  }, 60_000);

  afterAll(() => rmSync(house, { recursive: true, force: true }));

  const reported = (name: string): (readonly [string, string])[] =>
    report.summary.violations.filter(({ rule }) => rule.name === name).map(({ from, to }) => [from, to]);

  it.each(Object.entries(BREACHES))('%s reports the file that breaks it', (name, [from]) => {
    expect(reported(name).map(([file]) => file)).toContain(from);
  });

  it('no-orphan reports a file that nobody imports and that imports nobody', () => {
    expect(reported('no-orphan')).toEqual([['src/files/alone.ts', 'src/files/alone.ts']]);
  });

  it('knows no rule that this file does not break', () => {
    const { forbidden } = jest.requireActual<{ forbidden: { name: string }[] }>(config);
    expect(forbidden.map(({ name }) => name).sort()).toEqual([...Object.keys(BREACHES), 'no-orphan'].sort());
  });

  it('reports nothing that keeps the rules', () => {
    const broken = new Set([
      ...Object.values(BREACHES).map(([from]) => from),
      'src/routing/egg.ts',
      'src/files/alone.ts',
    ]);
    expect(report.summary.violations.filter(({ from }) => !broken.has(from))).toEqual([]);
  });

  it('finds no violation in the project', () => {
    const { summary, modules } = cruise(root, 'src', 'migrations', 'test', 'bench');
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(modules.length).toBeGreaterThan(50);
  }, 60_000);
});

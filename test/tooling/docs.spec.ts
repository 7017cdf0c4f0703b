import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environment } from '../../src/platform/config/schema.js';

const root = join(__dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md'),
);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const variablesIn = (path: string): string[] =>
  [...read(path).matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, name]) => name ?? '');

describe('the documentation', () => {
  it('lists the errors, the commands, the metrics and the variables that the code has', () => {
    const run = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
  }, 60_000);

  it('explains every variable that is read, and no other', () => {
    const named = variablesIn('docs/configuration.md');
    expect(named.sort()).toEqual(Object.keys(environment.shape).sort());
    expect(variablesIn('README.md').filter((name) => !named.includes(name))).toEqual([]);
  });

  it.each(pages)('%s links only to files that exist', (path) => {
    const targets = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((path) => [...read(path).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

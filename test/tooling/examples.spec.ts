import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseSeedFile } from '../../src/operator/seed-file.js';

const root = join(__dirname, '../..');
const folder = join(root, 'examples/acceptance');
const seeds = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const script = join(folder, 'gateway.sh');

describe('the examples', () => {
  it.each(seeds)('%s can be applied', (name) => {
    const { pools = [] } = parseSeedFile(readFileSync(join(folder, name), 'utf8'));

    expect(pools.map(({ slug }) => slug)).toEqual(['acceptance', 'second']);
  });

  it('start a gateway by a script that a shell can read', () => {
    expect(statSync(script).mode & 0o111).not.toBe(0);
    expect(spawnSync('bash', ['-n', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('are all on the page about acceptance', () => {
    const page = readFileSync(join(root, 'docs/acceptance.md'), 'utf8');

    expect(seeds.filter((name) => !page.includes(`examples/acceptance/${name}`))).toEqual([]);
  });
});

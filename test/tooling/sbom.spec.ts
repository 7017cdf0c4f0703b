import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string }[];
}
interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const root = join(__dirname, '../..');
const list = () =>
  spawnSync(process.execPath, ['scripts/sbom.mjs'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });

describe('the list of what the image holds', () => {
  const run = list();

  it('names every package of a production install, with its digest, and none that is for development', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
    expect([run.status, run.stderr]).toEqual([0, '']);
    const sbom = JSON.parse(run.stdout) as { bomFormat: string; components: Component[] };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const held = new Set(sbom.components.flatMap(({ name, version }) => [name, `${name}@${version}`]));
    expect(Object.entries(dependencies).filter(([name, version]) => !held.has(`${name}@${version}`))).toEqual([]);
    expect(
      ['jest', 'eslint', 'typescript', 'knip'].filter((name) => name in devDependencies && held.has(name)),
    ).toEqual([]);
    expect(sbom.components.filter(({ hashes = [] }) => !hashes.some(({ alg }) => alg === 'SHA-512'))).toEqual([]);
  }, 30_000);

  it('is the same each time', () => {
    expect(run.stdout).toContain('CycloneDX');
    expect(list().stdout).toBe(run.stdout);
  }, 60_000);
});

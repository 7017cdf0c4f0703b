import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly overrides?: Record<string, string>;
}
interface Lockfile {
  readonly packages: Record<string, LockedPackage>;
}
interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly optionalDependencies?: Record<string, string>;
}
interface Installed {
  readonly version?: string;
  readonly dependencies?: Record<string, Installed>;
}

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Files under the folders that are ours: nothing installed, built or run. */
function filesIn(folders: readonly string[], name: RegExp): string[] {
  return folders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => walk(folder))
    .map((path) => relative(root, path))
    .filter((path) => name.test(path));
}

const FOREIGN = new Set(['node_modules', 'dist', 'data', 'coverage', '.cache', '.git']);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

const manifests = ['package.json', ...filesIn(['test'], /^test\/clients[^/]*\/package\.json$/)];
const lockfiles = ['package-lock.json', ...filesIn(['test'], /^test\/clients[^/]*\/package-lock\.json$/)];
const SOURCES = ['src', 'test', 'migrations', 'bench', 'scripts'];

describe('the repository', () => {
  it('has no source file over 250 lines', () => {
    const lines = (path: string): number => read(path).replace(/\n$/, '').split('\n').length;
    const files = filesIn(SOURCES, /\.(ts|mjs|cjs|js|sh|lua)$/);
    expect(files.length).toBeGreaterThan(50);
    expect(files.map((path) => ({ path, lines: lines(path) })).filter((file) => file.lines > 250)).toEqual([]);
  });

  it('has no test that is left out or runs alone', () => {
    const specs = filesIn(['src', 'test', 'migrations'], /\.(spec|e2e-spec)\.ts$/);
    const crossed =
      /^\s*(?:(?:it|test|describe)(?:\.each\([^)]*\))?\.(?:only|skip|todo|failing)\b|(?:xit|xtest|xdescribe|fit|fdescribe)\()/m;
    expect(specs.filter((path) => crossed.test(read(path)))).toEqual([]);
  });

  it.each(manifests)('%s names exact versions only', (path) => {
    const manifest = JSON.parse(read(path)) as Manifest;
    const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
    const ranges = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides });
    const exact = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
    expect(ranges.filter(([, range]) => !exact.test(range))).toEqual([]);
  });

  it('has at most 45 direct run-time dependencies', () => {
    const { dependencies } = JSON.parse(read('package.json')) as Manifest;
    expect(Object.keys(dependencies ?? {}).length).toBeLessThanOrEqual(45);
  });

  it.each(lockfiles)('%s holds no download address, and a digest for every package', (path) => {
    expect(read(path)).not.toMatch(/https?:\/\/[^"]*\.tgz/);
    const packages = Object.entries((JSON.parse(read(path)) as Lockfile).packages).filter(([name]) => name !== '');
    expect(packages.length).toBeGreaterThan(1);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name)).toEqual([]);
    const sealed = packages.filter(([, entry]) => entry.link !== true && entry.inBundle !== true);
    expect(sealed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([name]) => name)).toEqual([]);
  });

  it.each(lockfiles)('%s has an entry for every optional package, or `npm ci` refuses it', (path) => {
    const { packages } = JSON.parse(read(path)) as Lockfile;
    const locked = new Set(Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, '')));
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
  });

  it('installs one fastify, the one that the Nest adapter pins', () => {
    const npm = spawnSync('npm', ['ls', 'fastify', '--all', '--json'], { cwd: root, encoding: 'utf8' });
    const versions = new Set<string>();
    const visit = (tree: Installed): void => {
      for (const [name, child] of Object.entries(tree.dependencies ?? {})) {
        if (name === 'fastify' && child.version !== undefined) versions.add(child.version);
        visit(child);
      }
    };
    visit(JSON.parse(npm.stdout) as Installed);
    const { dependencies } = JSON.parse(read('package.json')) as Manifest;
    expect([...versions]).toEqual([dependencies?.fastify]);
  }, 30_000);

  it('can run its own continuous integration script', () => {
    expect(statSync(join(root, '.ci/run')).mode & 0o111).not.toBe(0);
    expect(read('.ci/run')).toContain('npm test');
  });
});

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './children.mjs';

const DEFAULT_FOLDERS = ['src', 'migrations', 'test/support', 'bench'];
const OUT = 'dist';
/** Where a finished build leaves the digest of what it was made from. */
export const STAMP = `${OUT}/.sources`;

/** Source files under the folders, specs left out, as paths from the root with `/`. */
function sources(folders) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.parentPath.split(sep).includes('node_modules'))
        .filter((entry) => entry.isFile() && !/\.(spec\.ts|e2e-spec\.ts|contract\.ts|d\.ts|md)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    )
    .sort();
}

/** Changes whenever a source is added, removed or written. */
export function sourcesDigest(folders = DEFAULT_FOLDERS) {
  const digest = createHash('sha256');
  for (const path of [...sources(folders), '.swcrc', 'package-lock.json', 'scripts/build.mjs']) {
    const { mtimeMs, size } = statSync(join(root, path));
    digest.update(`${path}\0${mtimeMs}\0${size}\n`);
  }
  return digest.digest('hex');
}

/** Written whole or not at all: another process may be reading the one before. */
function write(path, text) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

async function compile(swc, path) {
  const output = `${OUT}/${path.replace(/\.ts$/, '.js')}`;
  const { code, map } = await swc.transformFile(join(root, path), {
    cwd: root,
    swcrc: true,
    outputPath: join(root, output),
  });
  const name = output.slice(output.lastIndexOf('/') + 1);
  write(output, map === undefined ? code : `${code}\n//# sourceMappingURL=${name}.map\n`);
  if (map !== undefined) write(`${output}.map`, map);
  return map === undefined ? [output] : [output, `${output}.map`];
}

function copy(path) {
  mkdirSync(dirname(join(root, OUT, path)), { recursive: true });
  copyFileSync(join(root, path), join(root, OUT, path));
  return [`${OUT}/${path}`];
}

function removeStale(kept) {
  for (const entry of readdirSync(join(root, OUT), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (entry.isFile() && !kept.has(path)) rmSync(join(root, path));
  }
}

/** TypeScript → `dist/`, same tree, with source maps; what is no TypeScript is copied, what has no source is removed. */
export async function buildProject(folders = DEFAULT_FOLDERS) {
  const startedMs = Date.now();
  const digest = sourcesDigest(folders);
  const { default: swc } = await import('@swc/core');
  const files = sources(folders);
  rmSync(join(root, STAMP), { force: true });
  const written = await Promise.all(files.map((path) => (path.endsWith('.ts') ? compile(swc, path) : copy(path))));
  removeStale(new Set(written.flat()));
  if (existsSync(join(root, OUT, 'src/cli.js'))) chmodSync(join(root, OUT, 'src/cli.js'), 0o755);
  write(STAMP, digest);
  console.log(`Built ${files.length} files in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = process.argv.slice(2);
  await buildProject(folders.length === 0 ? DEFAULT_FOLDERS : folders);
}

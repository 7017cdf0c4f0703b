import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import type { Identity } from './identity.js';
import { lookUpProcess } from './process-table.js';

export const SUPERUSER = 'codex_pooler';
const PASSWORD_FILE = 'codex-pooler.password';

export const isInitialised = (dataDir: string): boolean => existsSync(join(dataDir, 'PG_VERSION'));

export const readPassword = (dataDir: string): string => readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();

/** @throws Error when the folder was made by another major version: PostgreSQL does not read those. */
export function checkMajor(dataDir: string, major: number): void {
  const made = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (made === String(major)) return;
  throw new Error(
    `${dataDir} was made by PostgreSQL ${made} and the binaries found are version ${major}: set PG_BIN_DIR to ` +
      `PostgreSQL ${made}, or dump the data and start with an empty folder.`,
  );
}

/**
 * Makes the data folder (mode 0700) with a random password in it (mode 0600). The work is done in a folder beside it
 * and shows up by one rename, so a crash leaves nothing half made and two processes cannot make it together.
 *
 * @throws Error with what `initdb` wrote
 */
export function initialise(dataDir: string, binaries: PostgresBinaries, identity: Identity, path: string): void {
  sweepUnfinished(dataDir);
  const making = `${dataDir}.new-${process.pid}`;
  const password = `${making}.password`;
  try {
    mkdirSync(making, { mode: 0o700 });
    writeFileSync(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    identity.own(making);
    identity.own(password);
    runInitdb(making, password, binaries, identity, path);
    renameSync(password, join(making, PASSWORD_FILE));
    moveIntoPlace(making, dataDir);
  } finally {
    rmSync(making, { recursive: true, force: true });
    rmSync(password, { force: true });
  }
}

function runInitdb(
  folder: string,
  password: string,
  { dir }: PostgresBinaries,
  identity: Identity,
  path: string,
): void {
  const [command, args] = identity.wrap(join(dir, 'initdb'), [
    ...['-D', folder, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${password}`, '-E', 'UTF8', '--locale=C'],
    // The server syncs what it writes afterwards; a folder lost to a power cut in this second is made again.
    '--no-sync',
  ]);
  const env = { PATH: path, LC_ALL: 'C' };
  const run = spawnSync(command, args, { ...identity.credentials, cwd: '/', encoding: 'utf8', env });
  if (run.status !== 0) throw new Error(`initdb failed: ${(run.stderr || run.error?.message) ?? 'no reason given'}`);
}

function moveIntoPlace(making: string, dataDir: string): void {
  try {
    renameSync(making, dataDir);
  } catch (error) {
    if (isInitialised(dataDir)) return;
    throw new Error(`${dataDir} is not empty and holds no database.`, { cause: error });
  }
}

/** What a process that was killed during `initdb` left beside the folder. */
function sweepUnfinished(dataDir: string): void {
  const prefix = `${basename(dataDir)}.new-`;
  for (const name of readdirSync(dirname(dataDir)).filter((entry) => entry.startsWith(prefix))) {
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid !== process.pid && lookUpProcess(pid) !== undefined) continue;
    rmSync(join(dirname(dataDir), name), { recursive: true, force: true });
  }
}

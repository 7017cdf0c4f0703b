import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lookUpProcess, namesFolder, type ProcessEntry } from './process-table.js';

/**
 * - `free`: nobody runs on the folder; what a crash left behind has been cleared away.
 * - `ours`: a server that another living process of ours guards.
 * - `foreign`: some other PostgreSQL may be running on it.
 */
export type LockState = { readonly kind: 'free' } | { readonly kind: 'ours' | 'foreign'; readonly pid: number };

const ORPHAN_STOP_MS = 30_000;

/** The name under which a guard shell shows in the process table: it tells whose server it guards. */
export const guardName = (ownerPid: number): string => `codex-pooler-guard-${ownerPid}`;

/**
 * Who holds `postmaster.pid`, by the pid on its first line. A server whose owner is gone is stopped, or is just being
 * stopped by its guard: that is waited for. A pid that is a zombie, or that belongs to another program by now, makes
 * PostgreSQL refuse a start for ever, so that file is removed. A pid that is free it copes with itself.
 *
 * @throws Error when an orphan does not stop within 30 s
 */
export async function clearLock(dataDir: string): Promise<LockState> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return { kind: 'free' };
  const pid = Number(lockLines(dataDir)[0]);
  const holder = lookUpProcess(pid);
  if (holder === undefined) return { kind: 'free' };
  if (!holder.zombie && namesFolder(holder, dataDir)) {
    if (isGuarded(holder, dataDir)) return { kind: 'ours', pid };
    await stopOrphan(pid, dataDir);
    return { kind: 'free' };
  }
  if (!holder.zombie && isPostgres(holder)) return { kind: 'foreign', pid };
  rmSync(file, { force: true });
  return { kind: 'free' };
}

/** Its parent is a guard, and the guard still has the parent that started it. */
function isGuarded(server: ProcessEntry, dataDir: string): boolean {
  const guard = lookUpProcess(server.parentPid);
  if (guard === undefined || !namesFolder(guard, dataDir)) return false;
  return guard.command.split(/[\0 ]/).includes(guardName(guard.parentPid));
}

const isPostgres = ({ command }: ProcessEntry) =>
  /^(postgres|postmaster):?$/.test(basename(command.split(/[\0 ]/)[0] ?? ''));

/** The port a running server listens to: the fourth line of `postmaster.pid`; undefined while it has not said so. */
export function lockedPort(dataDir: string): number | undefined {
  const port = Number(lockLines(dataDir)[3]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

function lockLines(dataDir: string): string[] {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes a checkpoint. */
async function stopOrphan(pid: number, dataDir: string): Promise<void> {
  const alive = () => {
    const entry = lookUpProcess(pid);
    return entry !== undefined && !entry.zombie;
  };
  process.kill(pid, 'SIGINT');
  for (const end = Date.now() + ORPHAN_STOP_MS; alive(); await delay(20)) {
    if (Date.now() > end) throw new Error(`An earlier PostgreSQL (pid ${pid}) on ${dataDir} does not stop.`);
  }
}

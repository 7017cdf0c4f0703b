import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { lookUpProcess, namesFolder } from '../../src/platform/embedded-postgres/process-table.js';

export const alive = (pid: number): boolean => lookUpProcess(pid)?.zombie === false;

/** The embedded server that runs on a folder: its guard shells, the server, and the server's children. */
export function postgresFamily(folder: string): number[] {
  const heads = pids().filter((pid) => pid !== process.pid && namesFolder(lookUpProcess(pid), folder));
  return pids().filter((pid) => heads.includes(pid) || heads.includes(lookUpProcess(pid)?.parentPid ?? 0));
}

function pids(): number[] {
  const names = existsSync('/proc/self')
    ? readdirSync('/proc')
    : spawnSync('ps', ['-A', '-o', 'pid='], { encoding: 'utf8' }).stdout.split('\n');
  return names.map(Number).filter((pid) => pid > 0);
}

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  /** Gone but not yet reaped by its parent: it holds nothing any more. */
  readonly zombie: boolean;
  readonly parentPid: number;
  /** Arguments separated by NUL where the system tells them apart, by spaces where it does not. */
  readonly command: string;
}

/** One row of the process table, from /proc or, where there is none, from `ps`; undefined when the pid is free. */
export function lookUpProcess(pid: number): ProcessEntry | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
}

/** Whether the command line names this folder as one of its arguments. */
export function namesFolder(entry: ProcessEntry | undefined, folder: string): boolean {
  if (entry === undefined) return false;
  return entry.command.split('\0').includes(folder) || ` ${entry.command} `.includes(` ${folder} `);
}

function fromProc(pid: number): ProcessEntry | undefined {
  try {
    // The second field is the name in brackets and may itself hold blanks and brackets.
    const [state = '', parentPid] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return { zombie: state === 'Z', parentPid: Number(parentPid), command };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessEntry | undefined {
  const row = spawnSync('ps', ['-o', 'state=,ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  // No `ps` either: then nothing is known, and PostgreSQL's own check of its lock file has to do.
  if (row.error !== undefined) return undefined;
  const [, state = '', parentPid, command = ''] = /^\s*(\S+)\s+(\d+)\s+(.*)$/m.exec(row.stdout) ?? [];
  return parentPid === undefined ? undefined : { zombie: state.startsWith('Z'), parentPid: Number(parentPid), command };
}

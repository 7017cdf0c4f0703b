import { execFileSync } from 'node:child_process';

/** Kill a process and everything it started, also what has left its process group. Safe when it is already gone. */
export function killTree(pid: number): void {
  const doomed = [pid, ...descendants(pid)];
  for (const target of [-pid, ...doomed]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // Gone, or never a group.
    }
  }
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of processes()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    queue.push(...own);
  }
  return found;
}

/** Pairs of pid and parent's pid; empty where there is no `ps`. */
function processes(): [number, number][] {
  try {
    const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return listing
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0]) => [pid, parent]);
  } catch {
    return [];
  }
}

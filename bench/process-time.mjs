import { readdirSync, readFileSync } from 'node:fs';

const TICK_MS = 10;
const AT_UTIME = 11;

/** User and system time of a process so far, and of its children that ended, in milliseconds; 0 when it is gone. */
export function cpuMs(pid) {
  const [utime, stime, childrenUtime, childrenStime] = fieldsOf(pid).slice(AT_UTIME).map(Number);
  return (utime + stime + childrenUtime + childrenStime) * TICK_MS;
}

/** The same of a process and all of its children, in milliseconds. */
export function familyCpuMs(pid) {
  return familyOf(pid).reduce((sum, each) => sum + cpuMs(each), 0);
}

/** A process and its children. */
export const familyOf = (pid) => [pid, ...childrenOf(pid)];

/** Resident memory of a process, in bytes. */
export const residentBytes = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(fieldsOf(name)[1]) === pid);
}

/** Of `/proc/<pid>/stat` what follows the name: state, parent, … */
function fieldsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return Array(50).fill('0');
  }
}

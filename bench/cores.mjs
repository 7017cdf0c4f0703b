import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { familyOf } from './process-time.mjs';

/** What is measured has the first core for itself; the upstream, the load and the databases share the second. */
export const GATEWAY_CORE = '0';
export const LOAD_CORE = '1';

/** Whether processes can be held to cores here. */
export const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['-c', LOAD_CORE, 'true']).status === 0;

/** Holds a process with all of its threads, and its children, to a core. */
export function pin(pid, core) {
  if (!canPin) return;
  for (const each of familyOf(pid)) spawnSync('taskset', ['-a', '-c', '-p', core, String(each)]);
}

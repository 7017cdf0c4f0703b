import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** @returns a promise of how the child ended, as a shell would say it: its exit code, or 128 + the signal's number */
export const ended = (child) =>
  new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
  });

/** A child that is told to stop when this process exits. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, ...options });
  running.add(child);
  child.once('close', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * A Node process of this project that also stops when this one is killed with no chance to say so: the guard watches the
 * other end of a pipe. It leads a process group of its own, so that Ctrl-C reaches it once, through us.
 */
export function startGuarded(file, args, { stdio, ...options } = {}) {
  const [input, output, errors] = stdio ?? ['inherit', 'inherit', 'inherit'];
  const guard = ['--enable-source-maps', '--require', join(root, 'scripts/guard.cjs')];
  return start(process.execPath, [...guard, file, ...args], {
    ...options,
    detached: true,
    stdio: [input, output, errors, 'ipc'],
  });
}

/** Runs to the end. @returns `{ code, output }`; the output is both streams as they came, unless `stdio` says otherwise */
export async function run(command, args, options = {}) {
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  const code = await ended(child);
  return { code, output: Buffer.concat(chunks).toString() };
}

/**
 * Calls `stop` when this process is asked to go. One Ctrl-C may come twice, from the terminal and from npm: what follows
 * within a second is the same request, what comes later is an impatient one (`again`).
 */
export function onStop(stop) {
  let firstMs;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const again = firstMs !== undefined;
      if (again && Date.now() - firstMs < 1_000) return;
      firstMs ??= Date.now();
      stop(signal === 'SIGHUP' ? 'SIGTERM' : signal, again);
    });
  }
}

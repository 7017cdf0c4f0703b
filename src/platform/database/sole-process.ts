import { setTimeout as delay } from 'node:timers/promises';
import { tryAdvisoryLock, type AdvisoryLock } from './advisory-lock.js';

const LOCK = 'codex-pooler sole process';
const RETRY_MS = 1_000;

/**
 * Make sure that no other gateway or worker runs on this database, for as long as this process does. Needed where shared
 * state lives in the process.
 *
 * @param onTaken called when the lock was lost with its connection and somebody else has it now
 * @returns gives the claim up
 * @throws Error when another process holds it
 */
export async function claimSoleProcess(url: string, onTaken: (why: string) => void): Promise<() => Promise<void>> {
  let released = false;
  let lock = await tryAdvisoryLock(url, LOCK);
  if (!lock) {
    throw new Error('Another process already serves this database. Set REDIS_URL to run more than one.');
  }
  const hold = async (held: AdvisoryLock): Promise<void> => {
    await held.lost;
    while (!released) {
      const again = await tryAdvisoryLock(url, LOCK).catch(() => 'unreachable' as const);
      if (again === undefined) return onTaken('another process serves this database now');
      if (again !== 'unreachable') {
        lock = again;
        return hold(again);
      }
      await delay(RETRY_MS, undefined, { ref: false });
    }
  };
  void hold(lock);
  return async () => {
    released = true;
    await lock?.release();
  };
}

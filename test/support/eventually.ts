import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 10;

/**
 * Repeats `check` until it neither throws nor rejects and gives back what it returned. For conditions in other
 * processes only: what happens in ours has an event or a promise.
 *
 * @throws what the last try threw, when none succeeded within `withinMs`
 */
export async function eventually<T>(check: () => T | Promise<T>, { withinMs = 10_000 } = {}): Promise<T> {
  for (const end = Date.now() + withinMs; ; await delay(INTERVAL_MS)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= end) throw error;
    }
  }
}

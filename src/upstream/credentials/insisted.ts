import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Repeat what must not be lost with a broken connection, until it succeeds.
 *
 * @param forMs no longer than that
 * @param failed told of the first failure
 * @throws what the last try threw
 */
export async function insisted<Result>(
  work: () => Promise<Result>,
  forMs: number,
  failed: (error: unknown) => void,
): Promise<Result> {
  const end = performance.now() + forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() + pauseMs > end) throw error;
      if (pauseMs === FIRST_PAUSE_MS) failed(error);
    }
    await sleep(pauseMs, undefined, { ref: false });
  }
}

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * How long to wait before a connection is tried again: doubling from 50 ms to 2 s, of which half is random so that
 * the replicas that lost one server do not all come back at once.
 *
 * @param attempt 1 for the first try after a loss
 * @param random 0 ≤ random < 1
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(longestMs * (0.5 + random / 2));
}

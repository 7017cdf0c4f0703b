import type { Eligible } from './eligible.js';
import { distance } from './rendezvous.js';

/** Points of quota by which an account may be fuller than the emptiest one, and still be returned to. */
const FULLER_BY = 25;
/** From this share of its places on, an account keeps what is left for sessions that it has: 0–100. */
const CROWDED = 90;
/** So many times as long as the fastest one to its first event: no warm cache makes up for that. */
const SLOWER_BY = 3;
const FAILING_SHARE = 0.5;

/** An account that takes up to this long may be as many times slower as it likes. */
const QUICK_MS = 1_000;

/**
 * Where each of the accounts is from a prompt cache key, if it is worth returning to: some other account may be so much
 * better off that a warm cache does not pay. Calls with one key agree on the nearest, whichever process routes them.
 *
 * @param best accounts between which quota and tier make no difference
 * @param cacheSeed digest of the key, hex
 */
export function nearness(best: readonly Eligible[], cacheSeed: string): Map<Eligible, number> {
  const emptiest = Math.min(...best.map(({ quota }) => quota.pressure));
  const fastest = Math.min(...best.map(({ account }) => account.pulse.ttftMs ?? Infinity));
  const fit = best.filter(
    ({ account: { pulse }, quota, load }) =>
      quota.pressure - emptiest <= FULLER_BY &&
      load < CROWDED &&
      pulse.failureShare < FAILING_SHARE &&
      (pulse.ttftMs ?? 0) <= Math.max(QUICK_MS, SLOWER_BY * fastest),
  );
  return new Map(fit.map((one) => [one, distance(cacheSeed, one.account.id)]));
}

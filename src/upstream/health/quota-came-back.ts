import { ACCOUNT_METER } from '../../core/index.js';
import type { AccountSnapshot } from '../account-snapshot.js';
import { quotaVerdict } from '../quota/quota-verdict.js';

/** What is said within this time of a refusal comes from calls that ran beside it. */
const BESIDE_MS = 5_000;

/**
 * Whether an account that was refused for its spent quota is known to have room again, before its time: by all that is
 * known of its own meter, told since.
 *
 * @param sinceMs when it was refused, Unix time in milliseconds
 */
export function quotaCameBack(
  { windows, meters }: Pick<AccountSnapshot, 'windows' | 'meters'>,
  sinceMs: number,
  nowMs: number,
): boolean {
  const isNewer = ({ observedAtMs }: { readonly observedAtMs: number }): boolean => observedAtMs > sinceMs + BESIDE_MS;
  const running = windows.filter((window) => window.limitId === ACCOUNT_METER && window.resetsAtMs > nowMs);
  const isAllowed = meters.some((meter) => meter.limitId === ACCOUNT_METER && meter.allowed === true && isNewer(meter));
  if (running.length === 0 && !isAllowed) return false;
  return running.every(isNewer) && quotaVerdict({ windows, meters }, '', nowMs).verdict === 'allow';
}

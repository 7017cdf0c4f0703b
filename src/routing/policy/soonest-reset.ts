import { ACCOUNT_METER } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { Eligible } from './eligible.js';
import type { Rank } from './strategy.js';

/** What a window of this length or longer loses is gone for days; a shorter one is full again within hours. */
const LONG_MINUTES = 24 * 60;

/** No reset at all comes after every reset. */
const NEVER = Number.MAX_SAFE_INTEGER;

type Window = AccountSnapshot['windows'][number];

/** The longest window of the account's own use that runs. */
function longestOf({ account }: Eligible, nowMs: number): Window | undefined {
  let longest: Window | undefined;
  for (const window of account.windows) {
    if (window.limitId !== ACCOUNT_METER || window.resetsAtMs <= nowMs) continue;
    if (longest === undefined || window.windowMinutes > longest.windowMinutes) longest = window;
  }
  return longest;
}

/**
 * Spend what expires first: by the reset of each account's longest window, since what a short one leaves over is not lost
 * while a longer one still counts it. Accounts whose longest window is a matter of hours come after those with weekly or
 * monthly ones. Last come accounts with nothing to lose: no window is known, or their longest one is spent and they live
 * on credits.
 */
export function soonestReset(eligible: readonly Eligible[], _seed: string, nowMs: number): Rank[] {
  return eligible.map((one) => {
    const longest = longestOf(one, nowMs);
    if (longest === undefined || longest.usedPercent >= 100) return rank(2, NEVER);
    return rank(longest.windowMinutes >= LONG_MINUTES ? 0 : 1, longest.resetsAtMs);
  });
}

const rank = (span: number, resetsAtMs: number): Rank => ({
  first: span,
  second: resetsAtMs,
  scores: { span, resetsAtMs },
});

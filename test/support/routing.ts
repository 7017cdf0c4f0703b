import { DEFAULT_ROUTING, type AccountId, type RoutingPolicy } from '../../src/core/index.js';
import type { Decision } from '../../src/routing/decision.js';
import { route } from '../../src/routing/policy/route.js';
import type { RoutingCall } from '../../src/routing/policy/routing-call.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { aPoolPolicy } from './pool-policy.js';

export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;

/** A plain call of `gpt-5.5`. */
export const aWish = (over: Partial<RoutingCall> = {}): RoutingCall => ({
  model: 'gpt-5.5',
  operation: 'responses',
  routeClass: 'stream',
  seed: 'ab12',
  ...over,
});

/** A window of the account's own use, told just now. */
export const aWindow = (
  usedPercent: number,
  over: Partial<AccountSnapshot['windows'][number]> = {},
): AccountSnapshot['windows'][number] => ({
  source: 'usage',
  observedAtMs: NOW,
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: NOW + HOUR,
  ...over,
});

/** The decision of a Pool with these accounts and this policy, as of `NOW`. */
export const decided = (
  accounts: readonly AccountSnapshot[],
  call: Partial<RoutingCall> = {},
  routing: Partial<RoutingPolicy> = {},
): Decision =>
  route({ accounts, pool: aPoolPolicy({ routing: { ...DEFAULT_ROUTING, ...routing } }) }, aWish(call), NOW);

export const idsOf = (candidates: Decision['candidates']): AccountId[] => candidates.map(({ account }) => account.id);

export const reasonsOf = ({ exclusions }: Decision): Record<string, string> =>
  Object.fromEntries(exclusions.map(({ accountId, reason }) => [accountId, reason]));

import type { RoutingPolicy } from '../../core/index.js';
import type { CacheLocality, Candidate, Scores } from '../decision.js';
import { nearness } from './cache-locality.js';
import type { Eligible } from './eligible.js';
import type { RoutingCall } from './routing-call.js';
import { STRATEGIES } from './strategies.js';
import type { Rank } from './strategy.js';

/** An account's place in line: each number in its turn, lower first. */
interface Place {
  readonly one: Eligible;
  readonly rank: Rank;
  /** 0 for the account that the call would go on with. */
  readonly away: number;
  readonly tier: number;
  readonly unknown: number;
  /** From the call's prompt cache key; what lies beyond every distance has lost its nearness. */
  readonly near: number;
}

export interface Ordered {
  readonly candidates: Candidate[];
  readonly locality: CacheLocality;
}

const BEYOND = 2;

const inLine = (a: Place, b: Place): number =>
  a.away - b.away ||
  a.tier - b.tier ||
  a.unknown - b.unknown ||
  a.near - b.near ||
  a.rank.first - b.rank.first ||
  a.rank.second - b.rank.second ||
  Number(a.one.halfOpen) - Number(b.one.halfOpen) ||
  a.one.load - b.one.load ||
  (a.one.account.id < b.one.account.id ? -1 : 1);

/**
 * Put accounts that may all serve a call in order, best first.
 *
 * The account that the call goes on with; under `priority` the tiers; accounts whose quota allows the call before those
 * of which nothing is known; for calls with a prompt cache key, those of the best kind that are worth returning to, by
 * their distance from it; then the Pool's strategy; then those whose circuit is closed, the least busy, the lowest id.
 */
export function inOrder(
  eligible: readonly Eligible[],
  call: RoutingCall,
  policy: RoutingPolicy,
  nowMs: number,
): Ordered {
  const tierOf = ({ account }: Eligible): number => (policy.strategy === 'priority' ? account.priority : 0);
  const { locality, near } = cacheOf(eligible, call, policy, tierOf);
  const ranks = STRATEGIES[policy.strategy](eligible, call.seed, nowMs);
  const places: Place[] = [];
  for (const [index, rank] of ranks.entries()) {
    const one = eligible[index];
    if (one === undefined) continue;
    places.push({
      one,
      rank,
      away: Number(one.account.id !== call.pin?.id),
      tier: tierOf(one),
      unknown: unknownOf(one),
      near: near?.get(one) ?? BEYOND,
    });
  }
  return { candidates: places.sort(inLine).map((place) => candidateOf(place, policy)), locality };
}

const unknownOf = ({ quota }: Eligible): number => Number(quota.verdict !== 'allow');

function cacheOf(
  eligible: readonly Eligible[],
  { cacheSeed, pin }: RoutingCall,
  { cacheLocality }: RoutingPolicy,
  tierOf: (one: Eligible) => number,
): { readonly locality: CacheLocality; readonly near?: ReadonlyMap<Eligible, number> } {
  if (cacheSeed === undefined) return { locality: 'no_key' };
  if (!cacheLocality) return { locality: 'off' };
  if (pin !== undefined) return { locality: 'pinned' };
  const tier = Math.min(...eligible.map(tierOf));
  const first = eligible.filter((one) => tierOf(one) === tier);
  const unknown = Math.min(...first.map(unknownOf));
  const best = first.filter((one) => unknownOf(one) === unknown);
  if (best.length < 2) return { locality: 'one_account' };
  const near = nearness(best, cacheSeed);
  return near.size === 0 ? { locality: 'nobody_fit' } : { locality: 'applied', near };
}

const candidateOf = (place: Place, { strategy }: RoutingPolicy): Candidate => ({
  account: place.one.account,
  quota: place.one.quota.verdict === 'allow' ? 'allow' : 'unknown',
  scores: scoresOf(place, strategy === 'priority'),
});

function scoresOf({ one, rank, tier, near }: Place, tiered: boolean): Scores {
  if (!tiered && near === BEYOND && !one.halfOpen) return rank.scores;
  return {
    ...(tiered ? { tier } : {}),
    ...(near === BEYOND ? {} : { cacheDistance: near }),
    ...rank.scores,
    ...(one.halfOpen ? { halfOpen: 1 } : {}),
  };
}

import type { RoutingStrategy } from '../../core/index.js';
import { balanced } from './balanced.js';
import type { Eligible } from './eligible.js';
import { distance, startOf } from './rendezvous.js';
import { soonestReset } from './soonest-reset.js';
import type { Rank, Strategy } from './strategy.js';

/** A strategy with one number to go by. */
const by =
  (name: string, score: (one: Eligible, seed: string) => number): Strategy =>
  (eligible, seed) =>
    eligible.map((one) => {
      const first = score(one, seed);
      return { first, second: 0, scores: { [name]: first } };
    });

const elder = ({ account: a }: Eligible, { account: b }: Eligible): number =>
  a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);

/** In the order in which the accounts came, begun where the seed says. */
function rotated(eligible: readonly Eligible[], seed: string): Rank[] {
  const count = eligible.length;
  const start = startOf(seed, count);
  const turns = new Map([...eligible].sort(elder).map((one, index) => [one, (index - start + count) % count]));
  return eligible.map((one) => {
    const turn = turns.get(one) ?? 0;
    return { first: turn, second: 0, scores: { turn } };
  });
}

/** What each means to those who choose one: docs/routing.md. */
export const STRATEGIES: Readonly<Record<RoutingStrategy, Strategy>> = {
  balanced,
  bridge_ring: by('ring', ({ account }, seed) => distance(seed, account.id)),
  deterministic_rotation: rotated,
  least_recent_success: by('lastSuccessAtMs', ({ account }) => account.pulse.lastSuccessAtMs ?? 0),
  quota_first: by('pressure', ({ quota }) => quota.pressure),
  soonest_reset: soonestReset,
  // Tiers come before whatever a strategy says.
  priority: balanced,
};

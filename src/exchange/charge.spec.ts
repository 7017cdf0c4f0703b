import type { EstimatedUsage, TokenUsage } from '../core/index.js';
import { chargeOf } from './charge.js';
import type { Reading } from './meter.js';

const USAGE: TokenUsage = { inputUncached: 10, inputCached: 20, cacheWrite: 0, output: 5, reasoning: 7 };
const EXPECTED = { input: 300, output: 512 };
const PRICED = { status: 'priced', nanoUsd: 1_000, priceVersion: 'v' } as const;
const ESTIMATED = { status: 'estimated', nanoUsd: 2_000, priceVersion: 'v' } as const;

const ATTEMPT = {
  number: 1,
  accountId: 'a',
  accountLabel: 'a',
  outcome: 'succeeded',
  startedAtMs: 1,
  completedAtMs: 2,
};
const readingOf = (over: Partial<Reading>): Reading =>
  ({ outcome: 'succeeded', attempts: [ATTEMPT], ...over }) as unknown as Reading;

function charged(over: Partial<Reading>, tier?: 'priority') {
  const asked: unknown[] = [];
  const prices = {
    costOf: (call: object) => {
      asked.push(call);
      return PRICED;
    },
    estimateOf: (model: string, serviceTier: string | undefined, usage: EstimatedUsage) => {
      asked.push({ model, serviceTier, usage });
      return ESTIMATED;
    },
  };
  const caller = tier === undefined ? {} : { serviceTier: tier };
  const charge = chargeOf(readingOf(over), { model: 'asked-for' }, caller, EXPECTED, prices);
  return { charge, asked };
}

describe('chargeOf', () => {
  it('prices what the upstream reported, by the model and the tier that it says it used', () => {
    const { charge, asked } = charged({ usage: USAGE, actualModel: 'served', serviceTier: 'flex' }, 'priority');
    expect(asked).toEqual([{ model: 'served', serviceTier: 'flex', usage: USAGE }]);
    expect(charge).toEqual({ cost: PRICED, serviceTier: 'flex', used: { tokens: 42, nanoUsd: 1_000 } });
  });

  it('takes the model that was asked for, and the tier of the key, where the upstream says nothing of them', () => {
    expect(charged({ usage: USAGE }, 'priority').asked).toEqual([
      { model: 'asked-for', serviceTier: 'priority', usage: USAGE },
    ]);
    expect(charged({ usage: USAGE }).charge).not.toHaveProperty('serviceTier');
  });

  it('counts what came through where the upstream reported nothing', () => {
    const { charge, asked } = charged({ streamed: 9 });
    const estimate = { input: 300, output: 9 };
    expect(asked).toEqual([{ model: 'asked-for', serviceTier: undefined, usage: estimate }]);
    expect(charge).toEqual({ cost: ESTIMATED, estimate, used: { tokens: 309, nanoUsd: 2_000 } });
  });

  it('charges nothing where nothing came through, and says whether anybody was asked', () => {
    const nothing = { tokens: 0, nanoUsd: 0 };
    expect(charged({}).charge).toEqual({ cost: { status: 'unknown' }, used: nothing });
    expect(charged({ attempts: [] }).charge).toEqual({ cost: { status: 'none' }, used: nothing });
  });
});

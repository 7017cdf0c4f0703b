import { usdOf } from '../../core/index.js';
import type { ReplayView } from '../../control/index.js';

interface Sum {
  calls: number;
  changed: number;
  unpricedBefore: number;
  unpricedAfter: number;
  beforeNanoUsd: bigint;
  afterNanoUsd: bigint;
}

const NANO_DIGITS = 9;

/** What parts of a replay come to together. */
export class ReplaySums {
  calls = 0;
  changed = 0;
  priceVersion = '';
  private readonly models = new Map<string, Sum>();

  add({ calls, changed, priceVersion, models }: ReplayView): void {
    this.calls += calls;
    this.changed += changed;
    this.priceVersion = priceVersion;
    for (const part of models) {
      const name = part.model ?? 'none';
      const sum = this.models.get(name) ?? nothing();
      this.models.set(name, sum);
      sum.calls += part.calls;
      sum.changed += part.changed;
      sum.unpricedBefore += part.unpricedBefore;
      sum.unpricedAfter += part.unpricedAfter;
      sum.beforeNanoUsd += nanoOf(part.beforeUsd);
      sum.afterNanoUsd += nanoOf(part.afterUsd);
    }
  }

  rows() {
    return [...this.models]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([model, sum]) => ({
        model,
        calls: sum.calls,
        differ: sum.changed,
        before_usd: sum.unpricedBefore === sum.calls ? 'unpriced' : usdOf(sum.beforeNanoUsd),
        now_usd: sum.unpricedAfter === sum.calls ? 'unpriced' : usdOf(sum.afterNanoUsd),
        difference_usd: usdOf(sum.afterNanoUsd - sum.beforeNanoUsd),
        unpriced_before: sum.unpricedBefore,
        unpriced_now: sum.unpricedAfter,
      }));
  }
}

const nothing = (): Sum => ({
  calls: 0,
  changed: 0,
  unpricedBefore: 0,
  unpricedAfter: 0,
  beforeNanoUsd: 0n,
  afterNanoUsd: 0n,
});

/** The way back from `usdOf`; sums of costs are never negative. */
function nanoOf(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(NANO_DIGITS, '0'));
}

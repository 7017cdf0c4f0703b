import { z } from 'zod';
import { RATE_NAMES, usdPerMillion, type Rates, type ReplayPart } from '../../accounting/index.js';
import { usdOf } from '../../core/index.js';
import { pageOf } from '../page.js';
import { VOLATILE } from '../version.js';

const usd = z.string().optional();

/** In USD per 1M tokens, decimal. What nobody says is absent. */
const ratesView = z.object({ input: usd, cachedInput: usd, cacheWrite: usd, output: usd, reasoning: usd });

const place = {
  model: z.string().describe('a model, or a pattern with *'),
  tier: z.string(),
  longContext: z.boolean().describe('whether it is that of calls with long input'),
};

const priceView = z.object({
  ...place,
  above: z.int().nullable().describe('tokens of input above which it is that of long input; null: it is for any input'),
  rates: ratesView.nullable().describe('null: nobody says'),
  own: z.int().nullable().describe('number of the price that was set here; null: it is the list’s'),
});
export type PriceView = z.output<typeof priceView>;

/** The prices that hold now. */
export const pricesView = pageOf(priceView).extend({ priceVersion: z.string() });

/** A price of one's own; without rates the list's holds. */
export const ownPriceView = z.object({
  ...place,
  rates: ratesView.nullable(),
  priceVersion: z.string().describe('names the list and all that was set here'),
});
VOLATILE.add(ownPriceView, { fields: ['priceVersion'] });

export const priceListView = z.object({
  version: z.string(),
  priceVersion: z.string(),
  models: z.int(),
});

/** What came of a list, or would. */
export const priceImportView = z.object({
  version: z.string(),
  models: z.int(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  imported: z.boolean().describe('false: it is known already'),
});

export const replayView = z.object({
  priceVersion: z.string(),
  calls: z.int(),
  changed: z.int().describe('that cost something else now'),
  models: z.array(
    z.object({
      model: z.string().nullable(),
      calls: z.int(),
      changed: z.int(),
      unpricedBefore: z.int(),
      unpricedAfter: z.int(),
      beforeUsd: z.string(),
      afterUsd: z.string(),
    }),
  ),
  next: z.string().optional().describe('its time was over: the `after` with which it goes on'),
});
export type ReplayView = z.output<typeof replayView>;

export const ratesViewOf = (rates: Rates): z.output<typeof ratesView> =>
  Object.fromEntries(
    RATE_NAMES.flatMap((name) => {
      const rate = rates[name];
      return rate === undefined ? [] : [[name, usdPerMillion(rate)]];
    }),
  );

export const replayViewOf = ({ priceVersion, calls, changed, models }: ReplayPart, next?: string): ReplayView => ({
  priceVersion,
  calls,
  changed,
  models: [...models.values()]
    .sort((one, other) => (one.model < other.model ? -1 : 1))
    .map(({ beforeNanoUsd, afterNanoUsd, model, ...sum }) => ({
      model: model === '' ? null : model,
      calls: sum.calls,
      changed: sum.changed,
      unpricedBefore: sum.unpricedBefore,
      unpricedAfter: sum.unpricedAfter,
      beforeUsd: usdOf(beforeNanoUsd),
      afterUsd: usdOf(afterNanoUsd),
    })),
  ...(next === undefined ? {} : { next }),
});

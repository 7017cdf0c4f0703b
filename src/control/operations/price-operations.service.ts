import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  picoPerToken,
  PriceRepository,
  PriceService,
  tierName,
  type PriceList,
  type Rates,
} from '../../accounting/index.js';
import { matchesModel } from '../../core/index.js';
import { ControlError } from '../control-error.js';
import { listedPrices, priceKey } from '../listed-prices.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, PAGE_INPUT } from '../page.js';
import { said } from '../said.js';
import { ownPriceView, pricesView, ratesViewOf } from '../views/price-view.js';
import { seesWholeInstance } from '../whole-instance.js';

const MAX_PRICES = 1_000;
const modelName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9*][a-z0-9*._:/-]{0,99}$/, 'That is no name of a model.')
  .describe('a model, or a pattern with *');
const place = z.object({
  model: modelName,
  tier: z
    .string()
    .max(100)
    .transform((text) => tierName(text))
    .pipe(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'Not a tier, such as default, flex or priority.'))
    .default('default'),
  longContext: z.boolean().default(false).describe('of calls whose input is longer than the list’s threshold'),
});
const usd = z
  .string()
  .refine(
    (text) => picoPerToken(text) !== undefined,
    'Not USD per 1M tokens, such as "1.25", with six decimals at most.',
  );
const setting = place.extend({
  input: usd.describe('USD per 1M tokens of input that was not cached'),
  cachedInput: usd.optional(),
  cacheWrite: usd.optional(),
  output: usd,
  reasoning: usd.optional().describe('if it does not cost what other output does'),
});

type Place = z.output<typeof place>;

/** What models cost: list prices, a value for reports and budgets, no bill. */
@Injectable()
export class PriceOperations extends OperationSet {
  constructor(
    private readonly prices: PriceService,
    private readonly stored: PriceRepository,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'prices.list',
      summary: 'The prices that hold now, in USD per 1M tokens, by model',
      method: 'GET',
      path: '/prices',
      scope: 'read',
      input: z.object({
        model: z.string().min(1).max(200).optional().describe('of some models only: a pattern with *'),
        ...PAGE_INPUT,
        limit: z.int().min(1).max(MAX_PRICES).default(200).describe('how many at most'),
      }),
      output: pricesView,
      run: async ({ model, ...page }) => {
        const list = await this.prices.refresh();
        const wanted = listedPrices(list).filter((price) => model === undefined || matchesModel(model, price.model));
        return { ...pageIn(wanted, page, priceKey), priceVersion: list.priceVersion };
      },
    }),
    operation({
      name: 'prices.set',
      summary: 'Set a price of your own in place of the list’s; it holds for calls from now on',
      method: 'PUT',
      path: '/prices/own',
      scope: 'admin',
      input: setting,
      output: ownPriceView,
      change: {
        action: 'price.set',
        target: ({ model }) => ({ type: 'model', id: model }),
        thing: { view: ownPriceView, read: async (asked) => ownPrice(await this.prices.refresh(), asked) },
      },
      run: (asked, call) => this.override(asked, call, ratesOf(asked)),
    }),
    operation({
      name: 'prices.unset',
      summary: 'Take a price of your own back: the list’s holds again',
      method: 'DELETE',
      path: '/prices/own',
      scope: 'admin',
      input: place,
      output: ownPriceView,
      change: {
        action: 'price.unset',
        target: ({ model }) => ({ type: 'model', id: model }),
        thing: { view: ownPriceView, read: (asked) => this.setPrice(asked) },
        destructive: true,
        effects: ({ model }) => Promise.resolve([`Calls of ${model} cost what the list says from then on.`]),
      },
      run: (asked, call) => this.override(asked, call),
    }),
  ];

  private async override(asked: Place, { actor }: OperationCall, rates?: Rates) {
    seesWholeInstance(actor);
    const { model, tier, longContext } = asked;
    const band = longContext ? 'longContext' : 'default';
    await this.stored.addOverride({ model, tier, band, ...(rates && { rates }), source: 'operator' });
    return ownPrice(await this.prices.changed(), asked);
  }

  private async setPrice(asked: Place) {
    const price = ownPrice(await this.prices.refresh(), asked);
    if (price.rates !== null) return price;
    throw new ControlError('not_found', `No price of your own is set for ${asked.model} there.`);
  }
}

function ownPrice(list: PriceList, { model, tier, longContext }: Place): z.input<typeof ownPriceView> {
  const band = longContext ? 'longContext' : 'default';
  const own = list.overrides.find((one) => one.model === model && one.tier === tier && one.band === band);
  return {
    model,
    tier,
    longContext,
    rates: own?.rates ? ratesViewOf(own.rates) : null,
    priceVersion: list.priceVersion,
  };
}

function ratesOf({ input, output, ...more }: z.output<typeof setting>): Rates {
  const { cachedInput, cacheWrite, reasoning } = more;
  const others = { cachedInput: picoOf(cachedInput), cacheWrite: picoOf(cacheWrite), reasoning: picoOf(reasoning) };
  return { input: picoOf(input) ?? 0, output: picoOf(output) ?? 0, ...said(others) };
}

const picoOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : picoPerToken(text));

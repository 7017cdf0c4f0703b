import { totalTokens, type Cost, type EstimatedUsage, type TokenUsage } from '../../core/index.js';
import { findRates } from './find-rates.js';
import type { PriceList, Rates } from './price-list.js';

export interface PricedCall {
  /** The model that the upstream says it used, else the one that it was asked for. */
  readonly model: string;
  /** The tier that the upstream says it used, else the one that it was asked for. */
  readonly serviceTier?: string;
  /** Absent: the upstream did not say. */
  readonly usage?: TokenUsage;
}

const PICO_PER_NANO = 1_000n;
const UNPRICED: Cost = { status: 'unpriced' };

/**
 * What a call comes to. Exact: tokens × pico-USD are added up, and rounded to whole nano-USD once, half a one upwards.
 * Nothing is guessed: where tokens were used that have no price the call is `unpriced`, whole.
 */
export function costOf({ model, serviceTier, usage }: PricedCall, list: PriceList): Cost {
  if (usage === undefined) return { status: 'unknown' };
  if (totalTokens(usage) === 0) return { status: 'none' };
  const rates = findRates(list, model, serviceTier, usage.inputUncached + usage.inputCached + usage.cacheWrite);
  return rates === undefined ? UNPRICED : costAt(usage, rates, 'priced', list);
}

/** The same of our own count: all input as if none of it were cached. */
export function estimateOf(
  model: string,
  serviceTier: string | undefined,
  { input, output }: EstimatedUsage,
  list: PriceList,
): Cost {
  if (input + output === 0) return { status: 'none' };
  const rates = findRates(list, model, serviceTier, input);
  const usage = { inputUncached: input, inputCached: 0, cacheWrite: 0, output, reasoning: 0 };
  return rates === undefined ? UNPRICED : costAt(usage, rates, 'estimated', list);
}

/** Pico-USD. @returns undefined when tokens were used that have no price */
export function picoUsdOf(usage: TokenUsage, rates: Rates): bigint | undefined {
  const used: readonly (readonly [number, number | undefined])[] = [
    [usage.inputUncached, rates.input],
    [usage.inputCached, rates.cachedInput],
    [usage.cacheWrite, rates.cacheWrite],
    [usage.output, rates.output],
    [usage.reasoning, rates.reasoning ?? rates.output],
  ];
  let sum = 0n;
  for (const [tokens, rate] of used) {
    if (tokens === 0) continue;
    if (rate === undefined) return undefined;
    sum += BigInt(tokens) * BigInt(rate);
  }
  return sum;
}

function costAt(usage: TokenUsage, rates: Rates, status: 'priced' | 'estimated', list: PriceList): Cost {
  const pico = picoUsdOf(usage, rates);
  if (pico === undefined) return UNPRICED;
  const nanoUsd = Number((pico + PICO_PER_NANO / 2n) / PICO_PER_NANO);
  // More than nine million USD: whoever reported it meant something else.
  if (!Number.isSafeInteger(nanoUsd)) return UNPRICED;
  return { status, nanoUsd, priceVersion: list.priceVersion };
}

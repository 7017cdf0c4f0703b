import { totalTokens, type Cost, type EstimatedUsage, type Principal, type RoutedCall } from '../core/index.js';
import type { PriceService } from '../accounting/index.js';
import type { Reading } from './meter.js';

/** What a call comes to. */
interface Charge {
  readonly cost: Cost;
  readonly estimate?: EstimatedUsage;
  readonly serviceTier?: string;
  /** What counts against its limits. */
  readonly used: { readonly tokens: number; readonly nanoUsd: number };
}

/**
 * What the upstream reported, at the price of the model and the tier that it says it used. Where it reported nothing but
 * had answered something, our own count of that; where it had not, nothing is known and nothing is charged.
 *
 * @param expected estimated before it was sent
 */
export function chargeOf(
  { usage, streamed, actualModel, serviceTier, attempts }: Reading,
  call: Pick<RoutedCall, 'model'>,
  caller: Pick<Principal, 'serviceTier'>,
  expected: EstimatedUsage,
  prices: Pick<PriceService, 'costOf' | 'estimateOf'>,
): Charge {
  const model = actualModel ?? call.model;
  const tier = serviceTier ?? caller.serviceTier;
  const told = tier === undefined ? {} : { serviceTier: tier };
  if (usage !== undefined) return { ...charge(prices.costOf({ model, ...told, usage }), totalTokens(usage)), ...told };
  if (streamed !== undefined) {
    const estimate = { input: expected.input, output: streamed };
    return { ...charge(prices.estimateOf(model, tier, estimate), estimate.input + streamed), ...told, estimate };
  }
  return { ...charge({ status: attempts.length === 0 ? 'none' : 'unknown' }, 0), ...told };
}

const charge = (cost: Cost, tokens: number): Pick<Charge, 'cost' | 'used'> => ({
  cost,
  used: { tokens, nanoUsd: cost.nanoUsd ?? 0 },
});

/**
 * How a call's cost came about. `priced`: from the usage that the upstream reported; `estimated`: from our own count,
 * because it did not; `unpriced`: nobody knows what the model costs; `unknown`: nobody knows what was used; `none`:
 * nothing was used.
 */
export const COST_STATUSES = ['priced', 'estimated', 'unpriced', 'unknown', 'none'] as const;
export type CostStatus = (typeof COST_STATUSES)[number];

/** What a call comes to at the provider's list prices: a value for reports and budgets, no bill. */
export interface Cost {
  readonly status: CostStatus;
  /** Whole nano-USD (10⁻⁹ USD) ≥ 0; there exactly when `status` is `priced` or `estimated`. */
  readonly nanoUsd?: number;
  /** Of the price list that it was computed with; there exactly when `nanoUsd` is. */
  readonly priceVersion?: string;
}

/** Our own count of what a call used, where the upstream reported nothing. Whole tokens ≥ 0. */
export interface EstimatedUsage {
  readonly input: number;
  readonly output: number;
}

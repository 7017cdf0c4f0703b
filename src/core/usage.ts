/** Tokens in disjoint buckets: they add up to the total, whatever dialect reported them. All are integers ≥ 0. */
export interface TokenUsage {
  /** Input tokens that were neither read from nor written to the prompt cache. */
  readonly inputUncached: number;
  readonly inputCached: number;
  readonly cacheWrite: number;
  /** Output tokens without the reasoning ones. */
  readonly output: number;
  readonly reasoning: number;
}

export const totalTokens = (usage: TokenUsage): number =>
  usage.inputUncached + usage.inputCached + usage.cacheWrite + usage.output + usage.reasoning;

/** Of one call. More than this nobody can have used, and sums of many calls stay whole numbers that databases hold. */
const MOST_TOKENS = 1_000_000_000;

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : undefined;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * A Responses `usage` object as disjoint buckets. There, `input_tokens` includes the cached ones and `output_tokens`
 * includes the reasoning ones.
 *
 * @returns undefined when the object is missing or contradicts itself: unknown usage is unknown, never zero.
 */
export function usageOf(reported: unknown): TokenUsage | undefined {
  const input = count(field(reported, 'input_tokens'));
  const output = count(field(reported, 'output_tokens'));
  if (input === undefined || output === undefined) return undefined;
  const inputDetails = field(reported, 'input_tokens_details');
  const cached = count(field(inputDetails, 'cached_tokens')) ?? 0;
  const cacheWrite = count(field(inputDetails, 'cache_write_tokens')) ?? 0;
  const reasoning = count(field(field(reported, 'output_tokens_details'), 'reasoning_tokens')) ?? 0;
  if (cached + cacheWrite > input || reasoning > output) return undefined;
  return {
    inputUncached: input - cached - cacheWrite,
    inputCached: cached,
    cacheWrite,
    output: output - reasoning,
    reasoning,
  };
}

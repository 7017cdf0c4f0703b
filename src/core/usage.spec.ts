import fc from 'fast-check';
import { totalTokens, usageOf } from './usage.js';

describe('usageOf', () => {
  it('splits inclusive counts into disjoint buckets', () => {
    const reported = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 130,
    };
    expect(usageOf(reported)).toEqual({
      inputUncached: 30,
      inputCached: 60,
      cacheWrite: 10,
      output: 10,
      reasoning: 20,
    });
  });

  it.each([{}, { input_tokens_details: null, output_tokens_details: null }, { input_tokens_details: {} }])(
    'counts details that are missing as zero: %j',
    (details) => {
      const expected = { inputUncached: 5, inputCached: 0, cacheWrite: 0, output: 2, reasoning: 0 };
      expect(usageOf({ input_tokens: 5, output_tokens: 2, ...details })).toEqual(expected);
    },
  );

  it.each([
    undefined,
    null,
    'usage',
    {},
    { input_tokens: 5 },
    { output_tokens: 5 },
    { input_tokens: -1, output_tokens: 1 },
    { input_tokens: 1.5, output_tokens: 1 },
    { input_tokens: '5', output_tokens: 1 },
    { input_tokens: 1e300, output_tokens: 1 },
    { input_tokens: Number.MAX_SAFE_INTEGER, output_tokens: 1 },
    { input_tokens: 1, output_tokens: 1_000_000_001 },
    { input_tokens: 5, output_tokens: 1, input_tokens_details: { cached_tokens: 6 } },
    { input_tokens: 5, output_tokens: 1, input_tokens_details: { cached_tokens: 3, cache_write_tokens: 3 } },
    { input_tokens: 5, output_tokens: 1, output_tokens_details: { reasoning_tokens: 2 } },
  ])('is unknown, not zero, for %j', (reported) => {
    expect(usageOf(reported)).toBeUndefined();
  });

  it('has buckets that add up to what was reported, or is unknown', () => {
    const tokens = fc.nat(1_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, (input, output, cached, write, reasoning) => {
        const usage = usageOf({
          input_tokens: input,
          output_tokens: output,
          input_tokens_details: { cached_tokens: cached, cache_write_tokens: write },
          output_tokens_details: { reasoning_tokens: reasoning },
        });
        const contradicts = cached + write > input || reasoning > output;
        expect(usage === undefined ? undefined : totalTokens(usage)).toBe(contradicts ? undefined : input + output);
      }),
    );
  });
});

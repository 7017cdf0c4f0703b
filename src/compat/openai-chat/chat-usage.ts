import { asFields, type Fields } from '../../core/index.js';
import { cachedTokens, tokenCount as count } from '../translation/cached-tokens.js';

/**
 * A Responses usage object in the words of chat completions: `prompt_tokens` includes the cached ones and
 * `completion_tokens` the reasoning ones.
 *
 * @returns undefined when it is missing or half there: unknown usage is unknown, never zero
 */
export function chatUsage(reported: unknown): Fields | undefined {
  const usage = asFields(reported);
  const input = count(usage?.['input_tokens']);
  const output = count(usage?.['output_tokens']);
  if (usage === undefined || input === undefined || output === undefined) return undefined;
  const inputDetails = asFields(usage['input_tokens_details']);
  const written = count(inputDetails?.['cache_write_tokens']);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: count(usage['total_tokens']) ?? input + output,
    prompt_tokens_details: {
      cached_tokens: cachedTokens(usage) ?? 0,
      ...(written === undefined ? {} : { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: count(asFields(usage['output_tokens_details'])?.['reasoning_tokens']) ?? 0,
    },
  };
}

import { asText, usageOf, type Fields } from '../../core/index.js';

export const NO_USAGE: Fields = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
};

/** Here, other than in the backend's words, `input_tokens` are those beside the cached ones. Unknown usage is zeros. */
export function messageUsage(response: Fields): Fields {
  const usage = usageOf(response['usage']);
  const tier = asText(response['service_tier']);
  if (usage === undefined) return NO_USAGE;
  return {
    input_tokens: usage.inputUncached,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.inputCached,
    output_tokens: usage.output + usage.reasoning,
    ...(tier === undefined ? {} : { service_tier: tier === 'priority' ? 'priority' : 'standard' }),
  };
}

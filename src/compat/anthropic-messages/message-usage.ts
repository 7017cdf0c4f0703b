import { asFields, asText, usageOf, type Fields } from '../../core/index.js';
import { cachedTokens, tokenCount } from '../translation/cached-tokens.js';

export const NO_USAGE: Fields = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
};

/** Here, other than in the backend's words, `input_tokens` are those beside the cached ones. Unknown usage is zeros. */
export function messageUsage(response: Fields): Fields {
  const reported = asFields(response['usage']) ?? {};
  const usage = usageOf(withCached(reported));
  if (usage === undefined) return NO_USAGE;
  const tier = asText(response['service_tier']) ?? asText(reported['service_tier']);
  const tools = asFields(reported['server_tool_use']) ?? {};
  const uses = Object.entries(tools).filter(([, value]) => tokenCount(value) !== undefined);
  return {
    input_tokens: usage.inputUncached,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.inputCached,
    output_tokens: usage.output + usage.reasoning,
    ...(tier === undefined ? {} : { service_tier: tier === 'priority' ? 'priority' : 'standard' }),
    ...(uses.length === 0 ? {} : { server_tool_use: Object.fromEntries(uses) }),
  };
}

/** The cached tokens where `usageOf` looks for them. */
const withCached = (usage: Fields): Fields => ({
  ...usage,
  input_tokens_details: { ...asFields(usage['input_tokens_details']), cached_tokens: cachedTokens(usage) },
});

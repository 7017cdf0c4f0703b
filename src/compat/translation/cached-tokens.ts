import { asFields, type Fields } from '../../core/index.js';

/** What several generations of the backend call the tokens that were read from its cache. */
const NAMES = ['cached_tokens', 'cached_input_tokens', 'cache_read_input_tokens'] as const;

/** A number of tokens; `undefined` for what is none. */
export const tokenCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** How much of the input was read from the cache; `undefined` when a Responses usage object does not say. */
export function cachedTokens(usage: Fields): number | undefined {
  const places = [asFields(usage['input_tokens_details']), usage];
  return places.flatMap((place) => NAMES.map((name) => tokenCount(place?.[name]))).find((found) => found !== undefined);
}

import written from './openai.json';
import { basePricesOf } from './price-file.js';

/** The list that we ship: what OpenAI publishes. The file names its sources. */
export const BUILT_IN_PRICES = basePricesOf(written);

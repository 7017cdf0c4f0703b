import { usdWithDigits } from '../../core/index.js';

/** USD per 1 M tokens × 10⁶ = pico-USD (10⁻¹² USD) per token. */
const DECIMALS = 6;
const AMOUNT = /^\d{1,6}(\.\d{1,6})?$/;

/** Of a price in USD per 1 M tokens, as decimal text: pico-USD per token. @returns undefined when it is no such price */
export function picoPerToken(usdPerMillion: string): number | undefined {
  if (!AMOUNT.test(usdPerMillion)) return undefined;
  const [whole = '', fraction = ''] = usdPerMillion.split('.');
  return Number(whole + fraction.padEnd(DECIMALS, '0'));
}

/** The way back: exact, with cents at least. */
export const usdPerMillion = (pico: number): string => usdWithDigits(pico, DECIMALS);

import { KeyRefused } from './key-refused.js';

const AMOUNT = /^(\d{1,6})(?:\.(\d{1,9}))?$/;
const NANO = 1_000_000_000;

/**
 * An amount of money in nano-USD, exactly.
 *
 * @param usd such as `5` or `0.25`
 * @throws KeyRefused for more than 9 decimals or a million, and for nothing at all
 */
export function nanoUsdOf(usd: string | number): number {
  const [, whole = '', part = ''] = AMOUNT.exec(String(usd).trim()) ?? [];
  const amount = Number(whole) * NANO + Number(part.padEnd(9, '0'));
  if (whole !== '' && amount > 0) return amount;
  throw new KeyRefused(
    `"${String(usd).slice(0, 40)}" is no budget: it is an amount of USD above 0 and below a million, with at most 9 decimals.`,
  );
}

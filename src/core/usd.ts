const NANO_DIGITS = 9;
const CENTS = 2;

/**
 * Nano-USD as decimal USD, exact, with cents at least: `1.50`, `0.000001234`, `-0.07`.
 *
 * @param nanoUsd a whole number of 10⁻⁹ USD
 */
export const usdOf = (nanoUsd: number | bigint): string => usdWithDigits(nanoUsd, NANO_DIGITS);

/**
 * The same of amounts that are counted otherwise.
 *
 * @param amount a whole number
 * @param digits of it how many are behind the point, ≥ 2
 */
export function usdWithDigits(amount: number | bigint, digits: number): string {
  const value = BigInt(amount);
  const written = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const fraction = written.slice(-digits).replace(/0+$/, '').padEnd(CENTS, '0');
  return `${value < 0n ? '-' : ''}${written.slice(0, -digits)}.${fraction}`;
}

const NANO_DIGITS = 9;
const CENTS = 2;

/**
 * Nano-USD as decimal USD, exact, with cents at least: `1.50`, `0.000001234`, `-0.07`.
 *
 * @param nanoUsd a whole number of 10⁻⁹ USD
 */
export function usdOf(nanoUsd: number | bigint): string {
  const value = BigInt(nanoUsd);
  const digits = (value < 0n ? -value : value).toString().padStart(NANO_DIGITS + 1, '0');
  const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, '').padEnd(CENTS, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -NANO_DIGITS)}.${fraction}`;
}

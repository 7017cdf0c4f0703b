import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `15m`, `2h` or `7d`, in milliseconds. */
export function timeSpan(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? NaN);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Not a span of time, such as 30s, 15m, 2h or 7d.');
  return ms;
}

import type { Amounts, DaySum } from '../../platform/shared-state/index.js';

export type WindowName = 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/** A day of UTC as a number: of days since 1970-01-01. @param atMs Unix time in milliseconds */
export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);

export const startOfDayMs = (day: number): number => day * DAY_MS;

/** Start and end of a day as Postgres writes a date. */
export const dateOf = (day: number): string => new Date(startOfDayMs(day)).toISOString().slice(0, 10);

/** The first day that a window counts whose last one is `day`. */
export function firstDayOf(window: WindowName, day: number): number {
  if (window === 'day') return day;
  if (window === 'week') return day - WEEK_DAYS + 1;
  const date = new Date(startOfDayMs(day));
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
}

/**
 * The last day that counts for a call of `day`. A clock may be ahead of another around midnight: a call that comes late
 * is measured with what the next day has used already, too, so that no window ever sums more than it may.
 */
export const lastDayOf = (window: WindowName, day: number): number => (window === 'day' ? day : day + 1);

export interface Spent {
  readonly window: WindowName;
  readonly unit: keyof Amounts;
  readonly max: number;
  readonly days: readonly DaySum[];
}

/**
 * When enough has fallen out of a window for `wanted` more, as Unix time in milliseconds; undefined when that never
 * comes, because it is more than the window may hold.
 *
 * @param day today
 */
export function resetsAtMs({ window, unit, max, days }: Spent, day: number, wanted: number): number | undefined {
  if (wanted > max) return undefined;
  const left = (from: number) => days.reduce((sum, each) => (each.day >= from ? sum + each[unit] : sum), 0);
  const nextMonth = (from: number) => {
    const date = new Date(startOfDayMs(from));
    return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1));
  };
  if (window === 'day') return startOfDayMs(day + 1);
  if (window === 'month') return startOfDayMs(nextMonth(day));
  for (let next = day + 1; ; next += 1) {
    if (next > day + WEEK_DAYS || left(firstDayOf(window, next)) + wanted <= max) return startOfDayMs(next);
  }
}

import { z } from 'zod';

/** What the database and every client can tell. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const isTold = (text: string): boolean => Date.parse(text) >= 0 && Date.parse(text) <= LAST_MS;
const UNTOLD = 'must be of the years 1970 to 9999';

/** A UTC day, ISO 8601. */
export const day = z.iso.date().refine(isTold, UNTOLD);

/** A moment, ISO 8601. */
export const moment = z.iso.datetime({ offset: true }).refine(isTold, UNTOLD);

export const instant = z
  .union([day, moment], 'must be a UTC day or an ISO 8601 time, of the years 1970 to 9999')
  .describe('a UTC day, or an ISO 8601 time');

/** A day stands for its begin. @returns Unix time in milliseconds */
export const msOf = (text: string): number => Date.parse(text);

export const msOrNone = (text: string | undefined): number | undefined => (text === undefined ? undefined : msOf(text));

/** Whether there is such a time. `Date` takes a day that its month has not for one of the next. */
export function isExactTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/.test(text) || !isTold(text)) return false;
  const seconds = 'yyyy-mm-ddThh:mm:ss'.length;
  return new Date(text).toISOString().slice(0, seconds) === text.slice(0, seconds);
}

export const isoOrNull = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The UTC day of a Unix time in milliseconds: `2027-01-31`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The UTC midnight at or before a Unix time in milliseconds. */
export const midnightOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/** Longer texts are cut: they are names, and some of them (model, request id) are whatever a client sent. */
const LIMIT = 512;

/** A text that Postgres takes as `text` and inside JSON: no NUL, no half of a surrogate pair, at most 512 UTF-16 units. */
export const storedText = (text: string): string => text.slice(0, LIMIT).replace(/\0|\p{Surrogate}/gu, '\uFFFD');

/** Unix milliseconds as Postgres reads them. @throws RangeError when it is not a time */
export const storedTime = (ms: number): string => new Date(ms).toISOString();

import { KeyRefused } from './key-refused.js';

const MAX_DAYS = 30;
const DAY_MS = 86_400_000;

/** How long an old secret is good beside the new one, in milliseconds. @throws KeyRefused for more than 30 days */
export function overlapOf(ms: number): number {
  if (Number.isSafeInteger(ms) && ms >= 0 && ms <= MAX_DAYS * DAY_MS) return ms;
  throw new KeyRefused(`An old secret is good for at most ${MAX_DAYS} days beside the new one.`);
}

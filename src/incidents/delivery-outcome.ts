export type SendOutcome =
  | { readonly kind: 'sent'; readonly status: number }
  /** Nobody can say whether it helps to try again, or it does. */
  | { readonly kind: 'again'; readonly code: string; readonly status?: number }
  | { readonly kind: 'never'; readonly code: string; readonly status?: number };

export const MOST_ATTEMPTS = 5;
/** After the first attempt, the second, … */
const DELAYS_MS = [60_000, 300_000, 900_000, 1_800_000];

const RETRIED: readonly number[] = [408, 409, 425, 429];

/** What an answer means; redirects are not followed, and are no success. */
export function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent', status };
  const kind = RETRIED.includes(status) || status >= 500 ? 'again' : 'never';
  return { kind, code: `http_${status}`, status };
}

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** A code of what went wrong on the way: never its text, which may name the address. */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' && CODE.test(error.code) ? error.code : 'unreachable';
}

/** How long after an attempt the next one comes. @param attempts that were made, from 1 */
export const delayMs = (attempts: number): number => DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? 0;

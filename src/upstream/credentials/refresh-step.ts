import type { RefreshRow } from './refresh-sql.js';

/** The reason of an account whose refresh token was used twice without an answer that we have. */
export const OUTCOME_UNKNOWN = 'refresh_outcome_unknown';

/** What to do next for somebody who needs other credentials than those of `epochSeen`. */
export type RefreshStep =
  /** The row has newer ones. */
  | { readonly to: 'use' }
  /** Another process is at it. */
  | { readonly to: 'wait' }
  /** That process failed, and so would this one. */
  | { readonly to: 'share' }
  /** @property answersLost how many answers to this refresh token were lost before */
  | { readonly to: 'claim'; readonly answersLost: number }
  /** Only a new login helps; the row says so. */
  | { readonly to: 'refuse'; readonly reason: string }
  /** Only a new login helps; the row does not say so yet. */
  | { readonly to: 'end'; readonly reason: string }
  | { readonly to: 'forget' };

/** The reason of an account whose credentials were refused and cannot be renewed, by what it is held by. */
const UNRENEWABLE = { login: 'no_refresh_token', api_key: 'api_key_rejected' } as const;

/**
 * @param row as it is now
 * @param awaited as it was when somebody else was faster
 * @param credentials what accounts of its kind are held by
 */
export function refreshStep(
  row: RefreshRow | undefined,
  epochSeen: number,
  awaited?: RefreshRow,
  credentials: keyof typeof UNRENEWABLE = 'login',
): RefreshStep {
  if (row === undefined || row.status === 'deleted') return { to: 'forget' };
  if (row.status === 'login_required') return { to: 'refuse', reason: row.status_reason ?? 'login_required' };
  if (Number(row.credential_epoch) > epochSeen) return { to: 'use' };
  return row.refresh_token === null ? { to: 'end', reason: UNRENEWABLE[credentials] } : refreshing(row, awaited);
}

function refreshing(row: RefreshRow, awaited: RefreshRow | undefined): RefreshStep {
  if (row.refresh_state === 'in_flight' && !row.abandoned) return { to: 'wait' };
  if (awaited !== undefined && row.refresh_failures > awaited.refresh_failures) return { to: 'share' };
  // Whoever was at it died between the claim and its result: the token may be spent, and its successor is lost then.
  const answersLost = row.refresh_answers_lost + (row.abandoned ? 1 : 0);
  return answersLost > 1 ? { to: 'end', reason: OUTCOME_UNKNOWN } : { to: 'claim', answersLost };
}

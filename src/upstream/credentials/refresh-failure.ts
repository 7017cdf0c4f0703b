import { GatewayError, LoginRequired } from '../../core/index.js';
import { OUTCOME_UNKNOWN } from './refresh-step.js';

/** What a refresh that gave no tokens means for the refresh token. */
export type RefreshFailure =
  /** It was not spent: the request never left, or the login server declined to serve it. */
  | { readonly is: 'failed' }
  /** It may be spent, and the new one with an answer that never arrived. */
  | { readonly is: 'lost' }
  /** It will never work again. */
  | { readonly is: 'dead'; readonly reason: string };

const FIRST_MS = 30_000;
const LONGEST_MS = 6 * 3_600_000;

/**
 * A refresh token works once. After a lost answer it is tried one more time: when the provider had not spent it, that
 * brings new tokens; whatever else comes of it, nobody knows how to go on but by a new login.
 *
 * @param answersLost to this refresh token, before this try
 */
export function refreshFailure(thrown: unknown, answersLost: number): RefreshFailure {
  const again = answersLost > 0;
  if (thrown instanceof LoginRequired) return { is: 'dead', reason: again ? OUTCOME_UNKNOWN : thrown.reason };
  if (isAnswered(thrown)) return { is: 'failed' };
  return again ? { is: 'dead', reason: OUTCOME_UNKNOWN } : { is: 'lost' };
}

/** How long the worker leaves an account alone: 30 s · 2^failures, at most 6 h, less up to a quarter by chance. */
export const refreshBackoffMs = (failures: number, random: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20)) * (1 - random / 4);

const isAnswered = (thrown: unknown): boolean =>
  thrown instanceof GatewayError && (thrown.detail.unsent === true || thrown.detail.upstreamStatus !== undefined);

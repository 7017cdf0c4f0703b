import { GatewayError } from '../core/index.js';
import type { Choice, Exclusion } from './choose-account.js';

/**
 * The error for a call that no account may serve, from the reasons of all of them.
 *
 * Every account of the Pool lacks the model: the caller's mistake. All that serve it are out of quota: 429 with the
 * earliest reset, the one form that Codex shows as a usage limit. Anything else: the Pool has nobody to ask. Where one
 * account is required, its reason alone counts.
 */
export function refusalOf(
  { exclusions, required }: Pick<Choice, 'exclusions' | 'required'>,
  nowMs: number,
): GatewayError {
  if (required !== undefined) {
    return boundRefusal(
      exclusions.find(({ accountId }) => accountId === required),
      nowMs,
    );
  }
  const unlisted = exclusions.filter((exclusion) => exclusion.reason === 'model_not_served');
  if (unlisted.length > 0 && unlisted.length === exclusions.length) {
    return new GatewayError('invalid_model', 'Model not found: no account in this Pool serves it.', {
      param: 'model',
      unlisted: true,
    });
  }
  const spent = exclusions.filter((exclusion) => exclusion.reason === 'quota_exhausted');
  const serving = exclusions.filter((exclusion) => exclusion.reason !== 'model_not_served');
  if (spent.length > 0 && serving.every((exclusion) => exclusion.reason === 'quota_exhausted')) {
    return usageLimit(
      spent.flatMap((exclusion) => exclusion.clearsAtMs ?? []),
      nowMs,
    );
  }
  return new GatewayError('no_eligible_backend', 'No account in this Pool can serve the call right now.', {
    param: 'model',
  });
}

/** Of a call that only one account can go on with. A spent quota is told as such: waiting helps. */
function boundRefusal(exclusion: Exclusion | undefined, nowMs: number): GatewayError {
  if (exclusion?.reason === 'quota_exhausted') return usageLimit([exclusion.clearsAtMs ?? 0], nowMs);
  return new GatewayError(
    'pinned_continuation_unavailable',
    'The account that this goes on with cannot serve now; start again with the full context.',
    { param: 'model' },
  );
}

/** All accounts are at their limit; the client learns when the first of them is back. */
export function usageLimit(resetsAtMs: readonly number[], nowMs: number): GatewayError {
  const known = resetsAtMs.filter((at) => at > nowMs);
  return new GatewayError('usage_limit_reached', 'All pooled accounts are at their usage limit.', {
    ...(known.length > 0 ? { resetsAtMs: Math.min(...known) } : {}),
  });
}

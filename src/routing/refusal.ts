import { GatewayError } from '../core/index.js';
import { pinnedError } from './continuity/pinned-error.js';
import type { Decision, Exclusion, ExclusionReason } from './decision.js';

type Refused = Pick<Decision, 'atMs' | 'exclusions' | 'pin' | 'ringLeft'>;

/** What clears later than this is nothing that a client would wait for. */
const SOON_MS = 60_000;
/** When it may be any moment. */
const ANY_MOMENT_MS = 1_000;

/** An account that is out for one of these is no part of what the Pool has to give. */
const OUT_OF_PLAY: ReadonlySet<ExclusionReason> = new Set([
  'login_required',
  'paused',
  'draining',
  'operation_not_served',
  'model_not_served',
]);

const holds = ({ reason, also }: Exclusion, what: ExclusionReason): boolean => reason === what || also.includes(what);

/**
 * The error for a call that no account may serve, from the reasons of all of them.
 *
 * Every account of the Pool lacks the model: the caller's mistake. All that are in play are out of quota: 429 with the
 * earliest reset, the one form that Codex shows as a usage limit; accounts that wait for an operator, or that could never
 * serve it, make no difference. Anything else: the Pool has nobody to ask. Where one account is required, its reason
 * alone counts.
 */
export function refusalOf(decision: Refused, nowMs: number): GatewayError {
  const { exclusions, pin } = decision;
  if (pin?.required === true) {
    return boundRefusal(
      exclusions.find(({ accountId }) => accountId === pin.id),
      nowMs,
    );
  }
  if (exclusions.length > 0 && exclusions.every((exclusion) => holds(exclusion, 'model_not_served'))) {
    return new GatewayError('invalid_model', 'Model not found: no account in this Pool serves it.', {
      param: 'model',
      unlisted: true,
    });
  }
  const inPlay = exclusions.filter((exclusion) => !OUT_OF_PLAY.has(exclusion.reason));
  if (inPlay.length > 0 && inPlay.every((exclusion) => holds(exclusion, 'quota_exhausted'))) {
    return usageLimit(inPlay.flatMap(resetOf), nowMs);
  }
  return new GatewayError('no_eligible_backend', 'No account in this Pool can serve the call right now.', {
    param: 'model',
    ...retryAfter(soonestClear(decision), nowMs),
  });
}

/**
 * The earliest moment at which an account that is excluded now may serve the call, as far as anybody knows: Unix time in
 * milliseconds. Not later than the decision: it may be any moment. `undefined`: waiting is in vain.
 */
export function soonestClear({ exclusions, ringLeft }: Pick<Refused, 'exclusions' | 'ringLeft'>): number | undefined {
  if (ringLeft === 0) return undefined;
  const known = exclusions.flatMap(({ backAtMs }) => backAtMs ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** All accounts are at their limit; the client learns when the first of them is back. */
export function usageLimit(resetsAtMs: readonly number[], nowMs: number): GatewayError {
  const known = resetsAtMs.filter((at) => at > nowMs);
  return new GatewayError('usage_limit_reached', 'All pooled accounts are at their usage limit.', {
    ...(known.length > 0 ? { resetsAtMs: Math.min(...known) } : {}),
  });
}

/** Of an account whose quota is spent: when all that keeps it out is over, or at least the quota. */
const resetOf = ({ reason, backAtMs, clearsAtMs }: Exclusion): readonly number[] => {
  const at = backAtMs ?? (reason === 'quota_exhausted' ? clearsAtMs : undefined);
  return at === undefined ? [] : [at];
};

function retryAfter(clearsAtMs: number | undefined, nowMs: number): { readonly retryAfterMs?: number } {
  if (clearsAtMs === undefined || clearsAtMs - nowMs > SOON_MS) return {};
  return { retryAfterMs: clearsAtMs > nowMs ? clearsAtMs - nowMs : ANY_MOMENT_MS };
}

/** Of a call that only one account can go on with. A spent quota is told as such: waiting helps. */
const boundRefusal = (exclusion: Exclusion | undefined, nowMs: number): GatewayError =>
  exclusion?.reason === 'quota_exhausted' ? usageLimit(resetOf(exclusion), nowMs) : pinnedError(exclusion?.reason);

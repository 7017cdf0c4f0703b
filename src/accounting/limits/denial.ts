import { GatewayError, type ErrorDetail, type UsageLimit } from '../../core/index.js';
import type { DaySum, Hold } from '../../platform/shared-state/index.js';
import type { LimitedCall } from './limited-call.js';
import type { LimitName, LimitScope } from './limit-scope.js';
import { resetsAtMs } from './windows.js';

/** Why a call may not come in: which bound of which counter. */
export interface Refusal {
  readonly counter: number;
  readonly over: number | { readonly retryAfterMs: number };
  readonly days: readonly DaySum[];
}

const denied = (limit: UsageLimit, name: LimitName, detail: ErrorDetail = {}): GatewayError => {
  const whose = limit.scope === 'key' ? 'this API key' : 'this Pool';
  const which = limit.model === undefined ? '' : ` for models ${limit.model}`;
  return new GatewayError('api_key_policy_limit_exceeded', `The limit ${name} of ${whose}${which} is reached.`, {
    param: name,
    ...detail,
  });
};

/** What a call may not be, whatever was used before: it never comes in as it is. */
export function tooLarge(call: LimitedCall, limit: UsageLimit): GatewayError | undefined {
  if (call.input > (limit.maxInputTokens ?? Infinity)) return denied(limit, 'max_input_tokens');
  if ((call.maxOutputTokens ?? 0) > (limit.maxOutputTokens ?? Infinity)) return denied(limit, 'max_output_tokens');
  return undefined;
}

export function overLimit(scopes: readonly LimitScope[], hold: Hold, { counter, over, days }: Refusal): GatewayError {
  const scope = scopes[counter];
  if (scope === undefined) throw new Error('A counter refused that was not asked.');
  if (typeof over === 'object') return denied(scope.limit, 'requests_per_minute', over);
  const window = scope.windows[over];
  if (window === undefined) throw new Error('A bound refused that was not given.');
  const atMs = resetsAtMs({ ...window, days }, hold.day, hold[window.unit]);
  return denied(scope.limit, window.name, atMs === undefined ? {} : { resetsAtMs: atMs });
}

export const limitsUnavailable = (cause?: unknown): GatewayError =>
  new GatewayError('accounting_unavailable', 'The limits of this API key cannot be checked. Please try again.', {
    retryAfterMs: 1_000,
    cause,
  });

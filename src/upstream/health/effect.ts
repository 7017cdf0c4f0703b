import { ERRORS, type ErrorCode, type GatewayError } from '../../core/index.js';

/**
 * What a failure says of the account that was asked.
 *
 * `none`: nothing; a call that was trying it makes room for the next. `account`: it sits out. `lane`: one more failure of
 * this kind of work. `lane_at_once`: it cannot do this kind of work. `service`: nobody's fault.
 */
export type Effect = 'none' | 'account' | 'lane' | 'lane_at_once' | 'service';

/** Of every failure that an account or its upstream is to blame for. Source: domain §2.7. */
export const EFFECTS = {
  upstream_account_rejected: 'account',
  upstream_quota_exhausted: 'account',
  upstream_rate_limited: 'account',
  upstream_model_unavailable: 'lane_at_once',
  upstream_account_busy: 'none',
  server_is_overloaded: 'service',
  upstream_error: 'lane',
  upstream_request_failed: 'lane',
  upstream_timeout: 'lane',
  upstream_response_too_large: 'lane',
  invalid_upstream_response: 'lane',
  stream_idle_timeout: 'lane',
  // A stream that is cut says nothing of the account: networks do that, and so do restarts of the provider.
  stream_interrupted: 'none',
  upstream_websocket_unavailable: 'none',
  upstream_websocket_forward_failed: 'none',
  invalid_compaction_response: 'none',
  upstream_file_bridge_invalid_response: 'none',
  upstream_response_failed: 'none',
  image_generation_failed: 'none',
  upstream_file_upload_failed: 'none',
} as const satisfies Partial<Record<ErrorCode, Effect>>;

/** Nothing was asked, or nothing is wrong. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'upstream_account_busy',
  'upstream_websocket_unavailable',
  'upstream_rate_limited',
  'upstream_quota_exhausted',
  'server_is_overloaded',
]);

/** What the failure of a call says of the account that it was sent to. */
export function effectOf({ code, detail }: GatewayError): Effect {
  const effect = isTheirs(code) ? EFFECTS[code] : 'none';
  if (effect !== 'lane' && effect !== 'account') return effect;
  // Whoever made the failure knows that nobody has to sit out for it.
  if (detail.cooldownMs === 0) return 'none';
  if (effect === 'account') return effect;
  // No connection at all: the upstream never learnt which account it was for.
  if (detail.unsent === true) return 'service';
  // As an answer a 5xx counts. In a stream, and as what stands before the provider says it, it is neutral.
  if (code === 'upstream_error' && (detail.upstreamStatus ?? 0) < 500) return 'none';
  return effect;
}

const isTheirs = (code: ErrorCode): code is keyof typeof EFFECTS => code in EFFECTS;

/**
 * Whether the account, or its upstream, could not do what it was asked: a hint for the choice among accounts. A limit is no
 * such thing, nor is overload: once they are over, the account is as good as any.
 */
export const isUpstreams = ({ code, detail }: GatewayError): boolean =>
  ERRORS[code].failover && detail.cooldownMs !== 0 && !PASSING.has(code);

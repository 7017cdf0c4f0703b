import { ERRORS, GatewayError, type ErrorCode, type RoutedCall } from '../core/index.js';
import { usageLimit, type Decision } from '../routing/index.js';

export const interrupted = (): GatewayError =>
  new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');

/** What is known when a call comes to a bad end. */
interface Way {
  /** Of the accounts found spent on the way: when each is back, as far as it said. */
  readonly quotaResets: readonly (number | undefined)[];
  /** Whether the client has seen part of an answer. */
  readonly answering: boolean;
}

/**
 * What the client is told when no account served.
 *
 * One account's quota never shows by itself; when one was spent and none of the others could serve, the Pool is at its
 * limit, and the client learns when the first account is back. A websocket turn that goes on from one account, which
 * fails it, is asked for again in full when another account could take it.
 */
export function outward(
  error: GatewayError,
  call: Pick<RoutedCall, 'transport' | 'account'>,
  { quotaResets, answering }: Way,
  decision: Pick<Decision, 'exclusions' | 'pin' | 'elsewhere'> | undefined,
  nowMs: number,
): GatewayError {
  const elsewhere = !answering && isAccounts(error) && decision?.elsewhere === true;
  if (elsewhere && goesOn(call)) return fullInputWanted();
  if (quotaResets.length === 0 || ERRORS[error.code].scope !== 'account') return error;
  const others = decision?.exclusions ?? [];
  const known = [...quotaResets, ...others.map(({ clearsAtMs }) => clearsAtMs)];
  return usageLimit(
    known.flatMap((at) => at ?? []),
    nowMs,
  );
}

/** Whether a turn left something out that its account has. One that brought it all is bound in another way, or not at all. */
const goesOn = ({ transport, account }: Pick<RoutedCall, 'transport' | 'account'>): boolean =>
  transport === 'websocket' && account?.required === true;

/** The client opens a new websocket and sends everything again; its user sees nothing of it. */
export const fullInputWanted = (): GatewayError =>
  new GatewayError('websocket_connection_limit_reached', 'Open a new websocket and send the full input.');

const isAccounts = ({ code, failover }: GatewayError): boolean => failover || BOUND.has(code);

/** What a call is told that nobody else may serve. */
const BOUND: ReadonlySet<ErrorCode> = new Set([
  'usage_limit_reached',
  'pinned_continuation_unavailable',
  'pinned_continuation_reauth_required',
]);

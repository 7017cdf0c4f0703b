import { ERRORS, GatewayError, type RoutedCall } from '../core/index.js';
import { usageLimit, type Choice } from '../routing/index.js';

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
  call: Pick<RoutedCall, 'transport'>,
  { quotaResets, answering }: Way,
  { exclusions, required, elsewhere }: Choice,
  nowMs: number,
): GatewayError {
  if (call.transport === 'websocket' && required !== undefined && elsewhere && !answering && isAccounts(error)) {
    return fullInputWanted();
  }
  if (quotaResets.length === 0 || ERRORS[error.code].scope !== 'account') return error;
  const known = [...quotaResets, ...exclusions.map((exclusion) => exclusion.clearsAtMs)];
  return usageLimit(
    known.flatMap((at) => at ?? []),
    nowMs,
  );
}

/** The client opens a new websocket and sends everything again; its user sees nothing of it. */
export const fullInputWanted = (): GatewayError =>
  new GatewayError('websocket_connection_limit_reached', 'Open a new websocket and send the full input.');

const isAccounts = ({ code, failover }: GatewayError): boolean =>
  failover || code === 'usage_limit_reached' || code === 'pinned_continuation_unavailable';

import type { AccountId, CallId, KeyId, PoolId } from '../core/index.js';
import type { ReservationRecord } from './reservation-record.js';

export type Transport = 'http_sse' | 'http_json' | 'websocket';

/** What is known of a call before anything happened to it. Metadata only: no prompt, no token, no header. */
export interface CallIntent {
  readonly callId: CallId;
  /** What the client sees as `x-request-id`. */
  readonly requestId: string;
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  readonly dialect: string;
  readonly route: string;
  readonly transport: Transport;
  /** As it is asked of the upstream. */
  readonly model: string;
  readonly receivedAtMs: number;
  /** SHA-256 of the client's session name, never the name itself. */
  readonly sessionDigest?: Buffer;
  readonly traceId?: string;
  /** Of the call's span, if anybody will see it: what settles the call is linked to it. */
  readonly spanId?: string;
}

export interface AttemptStart {
  /** From 1, in the order in which the accounts were tried. */
  readonly number: number;
  readonly accountId: AccountId;
  readonly accountLabel: string;
  /** What it uses is paid for by itself; absent: a subscription covers it. */
  readonly metered?: boolean;
  readonly startedAtMs: number;
}

/** A call's rows on their way into the database. */
export interface Intent {
  /** Queue the attempt's row behind the request's own. Returns at once. */
  attempt(start: AttemptStart): void;

  /** The same for what the call reserves of its limits. The row goes when the call is settled. */
  reserve(reservation: ReservationRecord): void;

  /**
   * Resolves when everything that was queued for this call so far is committed.
   *
   * @throws GatewayError `accounting_unavailable` when that did not happen within `INTENT_PATIENCE_MS`
   */
  durable(): Promise<void>;
}

import type { CallId, KeyId, PoolId } from '../../core/index.js';

/** What limits need to know of a call before it is let in. */
export interface LimitedCall {
  readonly id: CallId;
  readonly keyId: KeyId;
  readonly poolId: PoolId;
  /** What is asked of the upstream. */
  readonly model: string;
  /** Unix time in milliseconds: it counts for that day. */
  readonly receivedAtMs: number;
  /** Tokens that it may come to, as `estimate` has them. */
  readonly input: number;
  readonly output: number;
  /** What that costs; 0 when nobody knows. */
  readonly nanoUsd: number;
  /** That the client asked for, if it did. */
  readonly maxOutputTokens?: number;
}

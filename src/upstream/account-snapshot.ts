import type { AccountId, QuotaWindow } from '../core/index.js';

/** One account of a Pool at a moment: all that a choice among accounts may look at. Holds no secret. */
export interface AccountSnapshot {
  readonly id: AccountId;
  /** Operator's name for it; metadata, may be logged. */
  readonly label: string;
  readonly kind: string;
  /** Accounts that need a new login are in no snapshot. `paused` holds for an account paused here or in this Pool. */
  readonly status: 'active' | 'paused';
  readonly credentialEpoch: number;
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly accessTokenExpiresAtMs?: number;
  /** Lower-case slugs; `undefined` while the account's catalog has never been read. */
  readonly models: ReadonlySet<string> | undefined;
  readonly windows: readonly QuotaWindow[];
  /** Unix time in milliseconds; 0 when it is not cooling down. */
  readonly coolingUntilMs: number;
  /** The error code that sent it there. */
  readonly coolingReason?: string;
  /** Answers of this account that this process is still reading. */
  readonly openExchanges: number;
}

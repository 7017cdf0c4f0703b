import type { AccountId, PoolId } from '../../core/index.js';
import { present } from '../present.js';
import type { LoginKind, LoginPurpose } from './login-flow.entity.js';
import type { LoginStatus } from './login-flow-state.js';

/** Who is to be signed in. */
export type LoginTarget =
  | {
      readonly label: string;
      readonly poolId?: PoolId;
      /** Should the account be there already, it has to serve some of these Pools and no other; absent: any will do. */
      readonly within?: ReadonlySet<PoolId>;
    }
  /** The account that gets new credentials, whatever its state. */
  | { readonly relink: AccountId };

/** A login as its operator may see it, all that is needed to go on with it. Times are Unix times in milliseconds. */
export interface LoginFlowView {
  readonly id: string;
  readonly kind: LoginKind;
  readonly purpose: LoginPurpose;
  /** The account's name, or its name to be. */
  readonly label: string;
  readonly poolId?: PoolId;
  /** Whose credentials are to be replaced. */
  readonly accountId?: AccountId;
  readonly status: LoginStatus;
  /** Where to sign in, as long as a browser may be sent there. */
  readonly authorizeUrl?: string;
  /** What to type at `verificationUri`, as long as it can be typed. */
  readonly userCode?: string;
  readonly verificationUri?: string;
  /** When the provider may be asked again. */
  readonly pollAfterMs?: number;
  readonly expiresAtMs: number;
  readonly resultAccountId?: AccountId;
  /** A safe token. */
  readonly errorCode?: string;
  readonly createdAtMs: number;
}

/** A row of `login_flow`, with the label of the account that it is about. */
export interface LoginFlowRow {
  readonly id: string;
  readonly kind: LoginKind;
  readonly purpose: LoginPurpose;
  readonly pool_id: PoolId | null;
  readonly within_pool_ids: readonly PoolId[] | null;
  readonly account_id: AccountId | null;
  readonly label: string;
  readonly status: LoginStatus;
  readonly state: Buffer | null;
  readonly redirect_uri: string | null;
  readonly verifier: Buffer | null;
  readonly device_auth_id: Buffer | null;
  readonly user_code: string | null;
  readonly verification_uri: string | null;
  readonly interval_seconds: number | null;
  readonly poll_after: Date | null;
  readonly claimed_until: Date | null;
  readonly expires_at: Date;
  readonly result_account_id: AccountId | null;
  readonly error_code: string | null;
  readonly created_at: Date;
}

/** @param authorizeUrl of a login by browser that is pending */
export const viewOf = (row: LoginFlowRow, authorizeUrl?: string): LoginFlowView => ({
  id: row.id,
  kind: row.kind,
  purpose: row.purpose,
  label: row.label,
  status: row.status,
  expiresAtMs: row.expires_at.getTime(),
  createdAtMs: row.created_at.getTime(),
  ...present({
    poolId: row.pool_id,
    accountId: row.account_id,
    resultAccountId: row.result_account_id,
    errorCode: row.error_code,
    authorizeUrl,
    ...(row.status === 'pending'
      ? { userCode: row.user_code, verificationUri: row.verification_uri, pollAfterMs: row.poll_after?.getTime() }
      : {}),
  }),
});

export function targetOf({
  account_id: relink,
  label,
  pool_id: poolId,
  within_pool_ids: within,
}: LoginFlowRow): LoginTarget {
  if (relink !== null) return { relink };
  return { label, ...present({ poolId, within: within === null ? null : new Set(within) }) };
}

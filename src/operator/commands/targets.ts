import type { AuditTarget } from '../../audit/index.js';
import type { OperatorToken, Pool, PoolKey } from '../../auth/index.js';
import type { AccountId } from '../../core/index.js';

/** What commands are about, as the audit names it. */

export const keyTarget = ({ id, label, poolId }: Pick<PoolKey, 'id' | 'label' | 'poolId'>): AuditTarget => ({
  type: 'key',
  id,
  label,
  poolId,
});

export const poolTarget = ({ id, slug }: Pick<Pool, 'id' | 'slug'>): AuditTarget => ({
  type: 'pool',
  id,
  label: slug,
  poolId: id,
});

export const accountTarget = ({ id, label }: { readonly id: AccountId; readonly label: string }): AuditTarget => ({
  type: 'account',
  id,
  label,
});

export const tokenTarget = ({ id, label }: Pick<OperatorToken, 'id' | 'label'>): AuditTarget => ({
  type: 'token',
  id,
  label,
});

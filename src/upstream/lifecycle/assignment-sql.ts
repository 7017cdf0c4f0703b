/** `$1` Pool, `$2` account, `$3` priority; null: as it is. What an operator paused stays paused. */
export const ASSIGN = `
  INSERT INTO pool_account (pool_id, account_id, status, priority) VALUES ($1, $2, 'active', coalesce($3::int, 0))
  ON CONFLICT ON CONSTRAINT pool_account_pk DO UPDATE SET priority = coalesce($3::int, pool_account.priority)`;

/** `$3` status, `$4` priority; null: as it is. */
export const CHANGE_ASSIGNMENT = `
  UPDATE pool_account SET status = coalesce($3::text, status), priority = coalesce($4::int, priority)
   WHERE pool_id = $1 AND account_id = $2
  RETURNING account_id`;

export const UNASSIGN = 'DELETE FROM pool_account WHERE pool_id = $1 AND account_id = $2 RETURNING account_id';

export const UNASSIGN_EVERYWHERE = 'DELETE FROM pool_account WHERE account_id = $1';

/** `$1` account. */
export const PLACES = 'SELECT pool_id FROM pool_account WHERE account_id = $1';

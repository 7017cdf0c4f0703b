import { addedTo, eachCounter, NO_ACCOUNT_ID, rollupColumns, ROLLUPS, type Rollup } from './usage-counters.js';

const added = (rollup: Rollup, after: string): string => `
  INSERT INTO ${rollup.table} (${rollupColumns(rollup)})
  SELECT ${rollup.ofDelta}, pool_id, key_id, coalesce(account_id, '${NO_ACCOUNT_ID}'), model,
         ${eachCounter((name) => `sum(${name})::bigint`)}
    FROM taken ${after}
   GROUP BY 1, 2, 3, 4, 5
   ORDER BY 1, 2, 3, 4, 5
  ${addedTo(rollup)}
  RETURNING 1`;

/**
 * The oldest deltas, at most `$1` of them, become part of both rollups: all in one statement, so that at no moment they are
 * in neither or in both. Several may do it at a time, each with deltas of its own. Postgres runs statements of one WITH in
 * no fixed order: counting the first one's rows makes the second wait for it, so that all writers take the hours before
 * the days.
 */
export const ROLL_UP = `
  WITH taken AS (
    DELETE FROM usage_delta
     WHERE id = ANY (ARRAY(SELECT id FROM usage_delta ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING *),
  hours AS (${added(ROLLUPS.hour, '')}),
  days AS (${added(ROLLUPS.day, 'WHERE (SELECT count(*) FROM hours) >= 0')})
  SELECT (SELECT count(*)::int FROM taken) AS deltas,
         (SELECT count(*)::int FROM hours) + (SELECT count(*)::int FROM days) AS rows`;

/** Positions of a key in every statement about one item. */
const KEY = 'pool_id = $1 AND kind = $2 AND id = $3';
const VISIBLE = 'NOT hidden AND expires_at > $4';

/** Something stored again keeps its place in the order, unless it was gone. */
export const KEEP = `
  INSERT INTO stored_item AS known
    (pool_id, kind, id, key_id, account_id, parent_id, model, content, metadata, created_at, expires_at, item_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT (pool_id, kind, id) DO UPDATE
     SET seq = CASE WHEN known.hidden THEN excluded.seq ELSE known.seq END, hidden = false,
         key_id = excluded.key_id, account_id = excluded.account_id, parent_id = excluded.parent_id,
         model = excluded.model, content = excluded.content, metadata = excluded.metadata,
         created_at = excluded.created_at, expires_at = excluded.expires_at, item_ids = excluded.item_ids`;

/** Everything visible but the newest. Locked in one order, so that two who evict at a time wait and do not deadlock. */
export const EVICT = `
  UPDATE stored_item SET hidden = true
   WHERE (pool_id, kind, id) IN (
     SELECT pool_id, kind, id FROM stored_item
      WHERE pool_id = $1 AND kind = $2 AND NOT hidden AND seq <= (
        SELECT seq FROM stored_item
         WHERE pool_id = $1 AND kind = $2 AND NOT hidden
         ORDER BY seq DESC OFFSET $3 LIMIT 1)
      ORDER BY seq FOR UPDATE)
  RETURNING id`;

export const HIDE = `UPDATE stored_item SET hidden = true WHERE ${KEY} AND ${VISIBLE}`;

export const HIDE_EXPIRED = `
  UPDATE stored_item SET hidden = true
   WHERE (pool_id, kind, id) IN (
     SELECT pool_id, kind, id FROM stored_item
      WHERE NOT hidden AND expires_at <= $1
      ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

export const FIND = `
  SELECT id, account_id AS "accountId", content, metadata FROM stored_item WHERE ${KEY} AND ${VISIBLE}`;

export const FIND_ALL = `
  SELECT id, account_id AS "accountId", content, metadata FROM stored_item
   WHERE pool_id = $1 AND kind = $2 AND id = ANY ($3)`;

/** For each id that an item inside may have: what alone holds it. */
export const HOLDERS = `
  SELECT held.id AS "itemId", min(holder.id) AS id, min(octet_length(holder.content)) AS bytes
    FROM stored_item holder CROSS JOIN LATERAL unnest(holder.item_ids) AS held (id)
   WHERE pool_id = $1 AND kind = $2 AND ${VISIBLE} AND item_ids && $3::text[] AND held.id = ANY ($3)
   GROUP BY held.id HAVING count(*) = 1`;

export const DESCRIBE = `UPDATE stored_item SET metadata = $5 WHERE ${KEY} AND ${VISIBLE}`;

export const AWAIT = `UPDATE stored_item SET awaited_until = $5 WHERE ${KEY} AND ${VISIBLE}`;

/** From the oldest ancestor to the item itself, hidden ones too. The lengths are those of what is sealed. */
export const CHAIN = `
  WITH RECURSIVE chain AS (
    SELECT id, parent_id, octet_length(content) AS bytes, 1 AS depth FROM stored_item WHERE ${KEY} AND ${VISIBLE}
    UNION ALL
    SELECT parent.id, parent.parent_id, octet_length(parent.content), chain.depth + 1
      FROM chain JOIN stored_item parent
        ON parent.pool_id = $1 AND parent.kind = $2 AND parent.id = chain.parent_id
     WHERE chain.depth < $5)
  SELECT id, parent_id AS "parentId", bytes FROM chain ORDER BY depth DESC`;

export const PLACE = `SELECT seq FROM stored_item WHERE ${KEY} AND ${VISIBLE}`;

/** What a page is chosen from, without the contents. */
export const scan = (descending: boolean): string => `
  SELECT id, seq, metadata, octet_length(content) AS bytes FROM stored_item
   WHERE pool_id = $1 AND kind = $2 AND ($3::text IS NULL OR model = $3) AND ${VISIBLE}
     AND ($5::bigint IS NULL OR seq ${descending ? '<' : '>'} $5)
   ORDER BY seq ${descending ? 'DESC' : 'ASC'} LIMIT $6`;

const childOf = (item: string): string => `
  SELECT FROM stored_item child
   WHERE child.pool_id = ${item}.pool_id AND child.kind = ${item}.kind AND child.parent_id = ${item}.id`;

/**
 * Items that nobody sees and nothing goes on from, and then those of their ancestors that this was true of but for them.
 * Whoever is locked is left for the next sweep.
 */
const prune = (first: string, now: string): string => `
  WITH RECURSIVE gone AS (
    (SELECT pool_id, kind, id, parent_id FROM stored_item item
      WHERE ${first} AND hidden AND (awaited_until IS NULL OR awaited_until <= ${now}) AND NOT EXISTS (${childOf('item')})
      LIMIT 1000)
    UNION
    SELECT parent.pool_id, parent.kind, parent.id, parent.parent_id
      FROM gone JOIN stored_item parent
        ON parent.pool_id = gone.pool_id AND parent.kind = gone.kind AND parent.id = gone.parent_id
     WHERE parent.hidden AND (parent.awaited_until IS NULL OR parent.awaited_until <= ${now})
       AND NOT EXISTS (${childOf('parent')} AND child.id <> gone.id))
  DELETE FROM stored_item
   WHERE (pool_id, kind, id) IN (
     SELECT item.pool_id, item.kind, item.id
       FROM stored_item item JOIN gone USING (pool_id, kind, id)
      ORDER BY item.seq FOR UPDATE OF item SKIP LOCKED)`;

export const PRUNE = prune('pool_id = $1 AND kind = $2 AND id = ANY ($3)', '$4');
export const PRUNE_ANY = prune('true', '$1');

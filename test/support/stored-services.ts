import type { DataSource } from 'typeorm';
import type { AccountId, Fields, KeyId, PoolId, StoredContentPolicy } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';
import { StoredChains } from '../../src/stored/stored-chains.service.js';
import { StoredContents } from '../../src/stored/stored-contents.service.js';
import { StoredHolders } from '../../src/stored/stored-holders.service.js';
import { StoredItems } from '../../src/stored/stored-items.service.js';
import type { StoredKey, StoredKind } from '../../src/stored/stored-kind.js';
import { StoredPages } from '../../src/stored/stored-pages.service.js';

export const NOW = 1_800_000_000_000;
export const TTL_MS = 60_000;
export const POOL = '00000000-0000-4000-8000-0000000000a1' as PoolId;
export const OTHER_POOL = '00000000-0000-4000-8000-0000000000a2' as PoolId;
export const ALICE = '00000000-0000-4000-8000-0000000000c1' as AccountId;
const KEY = '00000000-0000-4000-8000-0000000000b1' as KeyId;

export const boxOf = (name: string): SecretBox =>
  new SecretBox(parseKeyRing(`${name}:${Buffer.alloc(32, name).toString('base64')}`));

interface Kept {
  readonly poolId?: PoolId;
  readonly kind?: StoredKind;
  readonly parentId?: string;
  readonly accountId?: AccountId;
  readonly model?: string;
  readonly content?: Fields;
  readonly itemIds?: readonly string[];
  readonly metadata?: Fields;
  readonly policy?: Partial<StoredContentPolicy>;
  readonly nowMs?: number;
}

/** The services of stored items on a database, as one gateway has them. */
export function storedServices(dataSource: DataSource, box = boxOf('v1')) {
  const items = new StoredItems(dataSource, box);
  const contents = new StoredContents(dataSource, box);
  const keep = (id: string, { policy = {}, nowMs = NOW, ...over }: Kept = {}): Promise<void> =>
    items.keep(
      { ...keyOf(id), keyId: KEY, accountId: ALICE, model: 'gpt-5.5', content: { text: id }, ...over },
      { maxItems: 100, ttlMs: TTL_MS, ...policy },
      nowMs,
    );
  return {
    items,
    keep,
    chains: new StoredChains(dataSource, contents),
    holders: new StoredHolders(dataSource, contents),
    pages: new StoredPages(dataSource, box, contents),
    /** Ids of what clients can see. */
    visible: async (nowMs = NOW): Promise<string[]> => {
      const sql = 'SELECT id FROM stored_item WHERE NOT hidden AND expires_at > $1 ORDER BY seq';
      return (await dataSource.query<{ id: string }[]>(sql, [new Date(nowMs)])).map(({ id }) => id);
    },
    /** Ids of all that is in the table. */
    rows: async (): Promise<string[]> => {
      const rows = await dataSource.query<{ id: string }[]>('SELECT id FROM stored_item ORDER BY seq');
      return rows.map(({ id }) => id);
    },
  };
}

export const keyOf = (id: string, over: Partial<StoredKey> = {}): StoredKey => ({
  poolId: POOL,
  kind: 'response',
  id,
  ...over,
});

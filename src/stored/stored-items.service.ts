import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, Fields, KeyId, StoredContentPolicy } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { openItem, type OpenedItem, type SealedItem } from './opened-item.js';
import { sealFields } from './sealed-fields.js';
import { isStoredId, type StoredKey } from './stored-kind.js';
import { DESCRIBE, EVICT, FIND, HIDE, HIDE_EXPIRED, KEEP, PRUNE, PRUNE_ANY } from './stored-sql.js';

interface NewItem extends StoredKey {
  readonly keyId: KeyId;
  readonly accountId: AccountId;
  /** The item of the same kind and Pool that this one goes on from. */
  readonly parentId?: string;
  readonly model: string;
  readonly content: Fields;
  /** What is in the content can be asked for by these: ids that the client saw. */
  readonly itemIds?: readonly string[];
  readonly metadata?: Fields;
}

/** Of what one statement of a sweep hides, so that its locks are short. */
const SWEEP_BATCH = 1_000;

/** How long an answer waits for being stored when the database is slow. */
const MAX_KEEP_MS = 5_000;

type Changed = [rows: readonly { readonly id: string }[], count: number];

/**
 * What clients may come back to, in the database and sealed. Whatever is asked for is asked of one Pool: what another
 * has is simply not there.
 */
@Injectable()
export class StoredItems {
  private readonly log = new Logger(StoredItems.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  /**
   * Keep an item, and evict the oldest of its Pool and kind beyond the limit. Never rejects: whoever keeps something has
   * an answer to give, with which nothing is wrong.
   *
   * @param nowMs Unix time in milliseconds
   */
  async keep(item: NewItem, policy: StoredContentPolicy, nowMs: number): Promise<void> {
    const kept = this.store(item, policy, nowMs).catch((error: unknown) =>
      this.log.warn({ msg: 'an item was not stored', error: safeError(error) }),
    );
    await atMost(MAX_KEEP_MS, kept);
  }

  async find(key: StoredKey, nowMs: number): Promise<OpenedItem | undefined> {
    if (!isStoredId(key.id)) return undefined;
    const [row] = await this.dataSource.query<SealedItem[]>(FIND, [...asked(key), new Date(nowMs)]);
    if (row === undefined) return undefined;
    const item = openItem(this.box, key, row);
    if (item === undefined) this.log.warn(UNREADABLE);
    return item;
  }

  /** Replace what the client noted of an item. @returns the item with it; `undefined` when it is not there */
  async describe(key: StoredKey, metadata: Fields, nowMs: number): Promise<OpenedItem | undefined> {
    const item = await this.find(key, nowMs);
    if (item === undefined) return undefined;
    const sealed = sealFields(this.box, key, 'metadata', metadata);
    const [, count] = await this.dataSource.query<Changed>(DESCRIBE, [...asked(key), new Date(nowMs), sealed]);
    return count === 0 ? undefined : { ...item, metadata };
  }

  /** From now on it is not there. @returns false when it was not before either */
  async forget(key: StoredKey, nowMs: number): Promise<boolean> {
    if (!isStoredId(key.id)) return false;
    const now = new Date(nowMs);
    const [, count] = await this.dataSource.query<Changed>(HIDE, [...asked(key), now]);
    if (count === 0) return false;
    await this.dataSource.query(PRUNE, [key.poolId, key.kind, [key.id], now]);
    return true;
  }

  /** Remove what is over and what nothing goes on from any more. @returns how many */
  async sweep(nowMs: number): Promise<number> {
    const now = new Date(nowMs);
    await this.untilNone(HIDE_EXPIRED, [now, SWEEP_BATCH]);
    return this.untilNone(PRUNE_ANY, [now]);
  }

  private async store(item: NewItem, { maxItems, ttlMs }: StoredContentPolicy, nowMs: number): Promise<void> {
    const { poolId, kind } = item;
    if (maxItems > 0 && isStoredId(item.id)) await this.insert(item, nowMs, nowMs + ttlMs);
    // In a statement after the commit: of two gateways at a time at least one sees the items of both.
    const [evicted] = await this.dataSource.query<Changed>(EVICT, [poolId, kind, maxItems]);
    if (evicted.length === 0) return;
    await this.dataSource.query(PRUNE, [poolId, kind, evicted.map(({ id }) => id), new Date(nowMs)]);
  }

  private async insert(item: NewItem, nowMs: number, expiresAtMs: number): Promise<void> {
    const { id, keyId, accountId, parentId, model, content, itemIds = [], metadata } = item;
    await this.dataSource.query(KEEP, [
      ...[...asked(item), keyId, accountId],
      ...[
        parentId === undefined || parentId === id || !isStoredId(parentId) ? null : parentId,
        model.replaceAll('\0', ''),
      ],
      sealFields(this.box, item, 'content', content),
      metadata === undefined ? null : sealFields(this.box, item, 'metadata', metadata),
      ...[new Date(nowMs), new Date(expiresAtMs), [...new Set(itemIds)].filter(isStoredId)],
    ]);
  }

  private async untilNone(sql: string, parameters: unknown[]): Promise<number> {
    for (let total = 0; ;) {
      const [, count] = await this.dataSource.query<Changed>(sql, parameters);
      if (count === 0) return total;
      total += count;
    }
  }
}

const UNREADABLE = 'A stored item cannot be read: its key is not in the key ring, or it was changed or moved.';

const asked = ({ poolId, kind, id }: StoredKey): readonly string[] => [poolId, kind, id];

/** Until it is done, but no longer than that. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((give) => {
    timer = setTimeout(give, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

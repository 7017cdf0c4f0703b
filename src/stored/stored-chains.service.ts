import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError } from '../core/index.js';
import type { OpenedItem } from './opened-item.js';
import { isReadable, StoredContents, type Sized } from './stored-contents.service.js';
import { isStoredId, type StoredKey } from './stored-kind.js';
import { AWAIT, CHAIN } from './stored-sql.js';

interface Link extends Sized {
  readonly parentId: string | null;
}

/** For so long an item stays for the one that goes on from it: no answer takes longer. */
export const AWAITED_MS = 60 * 60 * 1000;

const MAX_LINKS = 2_000;

/** Conversations: an item and all those that it goes on from. Each holds only what it added. */
@Injectable()
export class StoredChains {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contents: StoredContents,
  ) {}

  /**
   * The item and what came before it, oldest first. What came before may be deleted, evicted or over by now: it belongs
   * to the item as long as that is there.
   *
   * @param param how the caller names the item
   * @returns `undefined` when it is not there, or not whole
   * @throws GatewayError `request_too_large` for what is too long to be read back
   */
  async read(key: StoredKey, param: string, nowMs: number): Promise<readonly OpenedItem[] | undefined> {
    if (!isStoredId(key.id)) return undefined;
    const { poolId, kind, id } = key;
    const links = await this.dataSource.query<Link[]>(CHAIN, [poolId, kind, id, new Date(nowMs), MAX_LINKS + 1]);
    if (links.length > MAX_LINKS || !isReadable(links)) throw tooLong(param);
    if (links[0]?.parentId !== null) return undefined;
    const items = await this.contents.read(key, links);
    return items.length === links.length ? items : undefined;
  }

  /** As `read`, for an item that is about to be gone on from: it stays until that is kept too. */
  async goOnFrom(key: StoredKey, param: string, nowMs: number): Promise<readonly OpenedItem[] | undefined> {
    if (!isStoredId(key.id)) return undefined;
    const until = new Date(nowMs + AWAITED_MS);
    await this.dataSource.query(AWAIT, [key.poolId, key.kind, key.id, new Date(nowMs), until]);
    return this.read(key, param, nowMs);
  }
}

const tooLong = (param: string): GatewayError =>
  new GatewayError(
    'request_too_large',
    'The stored conversation is too long to be gone on from by its id. Send it as input.',
    { param },
  );

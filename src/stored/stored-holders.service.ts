import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError } from '../core/index.js';
import type { OpenedItem } from './opened-item.js';
import { isReadable, StoredContents, type Sized } from './stored-contents.service.js';
import { isStoredId, type StoredKey } from './stored-kind.js';
import { HOLDERS } from './stored-sql.js';

interface Held extends Sized {
  /** Of the item inside. */
  readonly itemId: string;
}

/** Stored items that are asked for by the ids of what is in them. */
@Injectable()
export class StoredHolders {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contents: StoredContents,
  ) {}

  /**
   * What holds each of these ids; those that nothing holds are left out. So are those that several hold: an upstream
   * that gives its items no ids leaves us to count them, and which "message_0" is meant nobody can say.
   *
   * @param itemIds all at once: how many questions the database is asked does not depend on how many they are
   * @param param how the caller names them
   * @throws GatewayError `request_too_large` for more than can be read back
   */
  async find(
    of: Omit<StoredKey, 'id'>,
    itemIds: readonly string[],
    param: string,
    nowMs: number,
  ): Promise<ReadonlyMap<string, OpenedItem>> {
    const asked = [...new Set(itemIds)].filter(isStoredId);
    const held = await this.dataSource.query<Held[]>(HOLDERS, [of.poolId, of.kind, asked, new Date(nowMs)]);
    const holders = [...new Map(held.map((each) => [each.id, each])).values()];
    if (!isReadable(holders)) throw new GatewayError('request_too_large', TOO_LONG, { param });
    const byId = new Map((await this.contents.read(of, holders)).map((item) => [item.id, item]));
    const pairs = held.map(({ itemId, id }) => [itemId, byId.get(id)] as const);
    return new Map(pairs.filter((pair): pair is [string, OpenedItem] => pair[1] !== undefined));
  }
}

const TOO_LONG = 'The items that the input refers to are too long to be read back. Send them as input.';

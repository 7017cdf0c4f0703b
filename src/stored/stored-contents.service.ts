import { setImmediate as turn } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SecretBox } from '../platform/crypto/index.js';
import { openItem, type OpenedItem, type SealedItem } from './opened-item.js';
import type { StoredKey } from './stored-kind.js';
import { FIND_ALL } from './stored-sql.js';

export interface Sized {
  readonly id: string;
  /** Of its sealed content. */
  readonly bytes: number;
}

/** How much is read and opened in one go: the event loop runs in between. */
const GO_BYTES = 1024 * 1024;

/** Of all that is read for one request. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Whether so much may be read for one request. */
export const isReadable = (items: readonly Sized[]): boolean =>
  items.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_BYTES;

/** The contents of items that were chosen already. */
@Injectable()
export class StoredContents {
  private readonly log = new Logger(StoredContents.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** In the order asked for, without those that are gone or do not open. */
  async read(of: Omit<StoredKey, 'id'>, wanted: readonly Sized[]): Promise<readonly OpenedItem[]> {
    const items: OpenedItem[] = [];
    for (const ids of portions(wanted)) {
      const rows = await this.dataSource.query<SealedItem[]>(FIND_ALL, [of.poolId, of.kind, ids]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const id of ids) {
        const row = byId.get(id);
        const item = row && openItem(this.box, of, row);
        if (item) items.push(item);
        else this.log.warn('A stored item cannot be read: it is gone, or its key is not in the key ring.');
      }
      await turn();
    }
    return items;
  }
}

/** Ids in groups of about `GO_BYTES`; what is larger is a group of its own. */
function portions(items: readonly Sized[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    bytes += item.bytes;
    if (bytes > GO_BYTES) {
      groups.push([]);
      bytes = item.bytes;
    }
    groups.at(-1)?.push(item.id);
  }
  return groups;
}

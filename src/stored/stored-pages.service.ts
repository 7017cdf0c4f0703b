import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Fields } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { noted } from './noted.js';
import type { OpenedItem } from './opened-item.js';
import { openFields } from './sealed-fields.js';
import { StoredContents, type Sized } from './stored-contents.service.js';
import { isStoredId, type StoredKey } from './stored-kind.js';
import { PLACE, scan } from './stored-sql.js';

interface PageQuery extends Omit<StoredKey, 'id'> {
  /** Absent: as many as fit. */
  readonly limit?: number;
  /** The id of the item before the first; one that is not there is as none. */
  readonly after?: string;
  readonly descending: boolean;
  readonly model?: string;
  /** What the items are to be noted with, as text. */
  readonly metadata: ReadonlyMap<string, string>;
}

interface Page {
  readonly items: readonly OpenedItem[];
  readonly hasMore: boolean;
}

interface Candidate extends Sized {
  readonly seq: string;
  readonly metadata: Buffer | null;
}

const MAX_ITEMS = 1_000;
/** Of sealed contents on one page: it is held in memory, and written as one JSON text. */
const MAX_BYTES = 8 * 1024 * 1024;
const SCAN_ROWS = 500;

/** A Pool's items in the order in which they came. */
@Injectable()
export class StoredPages {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly contents: StoredContents,
  ) {}

  /** Oldest first, or newest first. A page may be shorter than its limit when items are large. */
  async page(query: PageQuery, nowMs: number): Promise<Page> {
    const limit = Math.min(query.limit ?? MAX_ITEMS, MAX_ITEMS);
    const chosen: Sized[] = [];
    let bytes = 0;
    for await (const candidate of this.matches(query, nowMs)) {
      bytes += candidate.bytes;
      if (chosen.length === limit || (chosen.length > 0 && bytes > MAX_BYTES)) {
        return { items: await this.contents.read(query, chosen), hasMore: true };
      }
      chosen.push(candidate);
    }
    return { items: await this.contents.read(query, chosen), hasMore: false };
  }

  private async *matches(query: PageQuery, nowMs: number): AsyncGenerator<Candidate> {
    const { poolId, kind, model, descending } = query;
    const sql = scan(descending);
    let place = await this.placeOf(query, nowMs);
    for (;;) {
      const parameters = [poolId, kind, model ?? null, new Date(nowMs), place ?? null, SCAN_ROWS];
      const rows = await this.dataSource.query<Candidate[]>(sql, parameters);
      yield* rows.filter((row) => this.fits(query, row));
      place = rows.at(-1)?.seq;
      if (rows.length < SCAN_ROWS) return;
    }
  }

  private async placeOf({ poolId, kind, after }: PageQuery, nowMs: number): Promise<string | undefined> {
    if (after === undefined || !isStoredId(after)) return undefined;
    const parameters = [poolId, kind, after, new Date(nowMs)];
    const [row] = await this.dataSource.query<{ readonly seq: string }[]>(PLACE, parameters);
    return row?.seq;
  }

  private fits(query: PageQuery, { id, metadata }: Candidate): boolean {
    if (query.metadata.size === 0) return true;
    const fields: Fields | undefined =
      metadata === null ? {} : openFields(this.box, { ...query, id }, 'metadata', metadata);
    return fields !== undefined && noted(fields, query.metadata);
  }
}

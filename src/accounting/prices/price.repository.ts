import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PriceBand, PriceOverride, Rates } from './price-list.js';
import { overrideOf, storedBand, type OverrideRow } from './stored-prices.js';

export interface NewOverride {
  /** Lower-case name, or pattern with `*`. */
  readonly model: string;
  readonly tier: string;
  readonly band: PriceBand;
  /** Absent: the list's own price holds again. */
  readonly rates?: Rates;
  readonly source: string;
}

export interface StoredFeed {
  readonly version: string;
  readonly source: string;
  readonly body: unknown;
  readonly importedAt: Date;
}

const OVERRIDES = `
  SELECT id, model, tier, band, input, cached_input AS "cachedInput", cache_write AS "cacheWrite", output, reasoning
    FROM model_price
   WHERE effective_from <= now()
   ORDER BY id`;

/** By its day, then by its number of that day. */
const NEWEST_FEED = `
  SELECT id, version
    FROM price_feed
   ORDER BY split_part(version, '.', 1) DESC, coalesce(nullif(split_part(version, '.', 2), ''), '1')::integer DESC
   LIMIT 1`;

const NEWEST = `
  SELECT concat((SELECT max(id) FROM model_price), ' ', (SELECT max(id) FROM price_feed)) AS newest`;

/** One writer at a time: a row with a higher id never holds from an earlier moment. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('model_price', 0))`;

const ADD_OVERRIDE = `
  INSERT INTO model_price (model, tier, band, input, cached_input, cache_write, output, reasoning, source, effective_from)
  SELECT $1::text, $2::text, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::text,
         greatest(clock_timestamp(), max(effective_from))
    FROM model_price
  RETURNING id`;

/** What operators set, and lists that were imported. Nothing is ever changed, only added to. */
@Injectable()
export class PriceRepository {
  constructor(private readonly database: DataSource) {}

  /** All that hold now, oldest first, also those that a newer one replaces. */
  async overrides(): Promise<PriceOverride[]> {
    const rows = await this.database.query<OverrideRow[]>(OVERRIDES);
    return rows.map(overrideOf);
  }

  /** Names the newest of everything: who has read it before needs to read nothing again. Costs next to nothing. */
  async newest(): Promise<string> {
    const [row] = await this.database.query<{ newest: string }[]>(NEWEST);
    return row?.newest ?? '';
  }

  /** @returns its id */
  async addOverride({ model, tier, band, rates, source }: NewOverride): Promise<number> {
    return this.database.transaction(async (transaction) => {
      await transaction.query(LOCK);
      const stored = [rates?.input, rates?.cachedInput, rates?.cacheWrite, rates?.output, rates?.reasoning];
      const values = [model, tier, storedBand(band), ...stored.map((rate) => rate ?? null), source];
      const [row] = await transaction.query<{ id: string }[]>(ADD_OVERRIDE, values);
      return Number(row?.id);
    });
  }

  async newestFeed(): Promise<{ readonly id: string; readonly version: string } | undefined> {
    const [row] = await this.database.query<{ id: string; version: string }[]>(NEWEST_FEED);
    return row;
  }

  async feedBody(id: string): Promise<unknown> {
    const [row] = await this.database.query<{ body: unknown }[]>('SELECT body FROM price_feed WHERE id = $1', [id]);
    return row?.body;
  }

  async feedOf(version: string): Promise<StoredFeed | undefined> {
    const [row] = await this.database.query<StoredFeed[]>(
      'SELECT version, source, body, imported_at AS "importedAt" FROM price_feed WHERE version = $1',
      [version],
    );
    return row;
  }

  /** @returns false when there is one of that version already */
  async addFeed(version: string, source: string, body: unknown): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      'INSERT INTO price_feed (version, source, body) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING RETURNING id',
      [version, source, JSON.stringify(body)],
    );
    return rows.length > 0;
  }
}

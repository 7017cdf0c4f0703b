import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeyId } from '../core/index.js';

/** What a key's calls came to. Calls whose usage is unknown count as calls, and in no sum. */
export interface KeyTotals {
  readonly calls: number;
  readonly tokens: number;
  /** Of those. */
  readonly cachedInputTokens: number;
}

/** Sums over the ledger. */
@Injectable()
export class KeyTotalsService {
  constructor(private readonly database: DataSource) {}

  /** Of the calls that ended after this time: Unix time in milliseconds. */
  async since(keyId: KeyId, sinceMs: number): Promise<KeyTotals> {
    const [row] = await this.database.query<KeyTotals[]>(TOTALS, [keyId, new Date(sinceMs)]);
    return row ?? { calls: 0, tokens: 0, cachedInputTokens: 0 };
  }
}

const TOTALS = `
  SELECT count(*)::float8 AS calls,
         coalesce(sum(input_uncached + input_cached + cache_write + output + reasoning), 0)::float8 AS tokens,
         coalesce(sum(input_cached), 0)::float8 AS "cachedInputTokens"
    FROM ledger_entry
   WHERE key_id = $1 AND occurred_at > $2`;

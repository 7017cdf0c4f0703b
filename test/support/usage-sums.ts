import type { DataSource } from 'typeorm';
import { USAGE_COUNTERS } from '../../src/accounting/rollups/usage-counters.js';
import type { KeyId } from '../../src/core/index.js';

type Sums = Record<string, Record<string, number>>;

type Row = Record<string, unknown> & { readonly hour: Date };

const groupOf = (row: Row): string =>
  [row.hour.toISOString(), row['pool_id'], row['account_id'] ?? 'none', row['model']].join(' ');

/** Sums that come to nothing are left out: a guess that was replaced may leave its group empty. */
function grouped(rows: readonly Row[], countersOf: (row: Row) => Record<string, unknown>): Sums {
  const sums: Sums = {};
  for (const row of rows) {
    const sum = (sums[groupOf(row)] ??= Object.fromEntries(USAGE_COUNTERS.map((counter) => [counter, 0])));
    const counters = countersOf(row);
    for (const counter of USAGE_COUNTERS) sum[counter] = (sum[counter] ?? 0) + Number(counters[counter] ?? 0);
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => Object.values(sum).some((count) => count !== 0)));
}

/** What a key's rows of `usage_delta` come to by hour, Pool, account and model. */
export async function deltaSums(source: DataSource, keyId: KeyId): Promise<Sums> {
  return grouped(await source.query<Row[]>('SELECT * FROM usage_delta WHERE key_id = $1', [keyId]), (row) => row);
}

/** The same by the ledger, counted row by row. */
export async function ledgerSums(source: DataSource, keyId: KeyId): Promise<Sums> {
  const rows = await source.query<Row[]>(
    `SELECT *, date_trunc('hour', received_at, 'UTC') AS hour, coalesce(requested_model, '') AS model
       FROM ledger_entry WHERE key_id = $1`,
    [keyId],
  );
  return grouped(rows, (row) => ({
    ...row,
    calls: 1,
    [String(row['outcome'])]: 1,
    unknown_usage: !row['usage_known'] && row['cost_status'] !== 'none' ? 1 : 0,
    unpriced: row['cost_status'] === 'unpriced' ? 1 : 0,
    metered_nano_usd: row['metered'] ? row['cost_nano_usd'] : 0,
  }));
}

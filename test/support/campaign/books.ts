import type { DataSource } from 'typeorm';
import { referenceCost } from './reference-cost.js';
import type { Sent } from './counted-upstream.js';

/** A ledger row, with its key and its account as the upstream and the client know them. */
export interface Entry {
  readonly key: string;
  readonly account: string | null;
  readonly outcome: string;
  readonly known: boolean;
  readonly asked: string;
  readonly served: string | null;
  readonly tier: string | null;
  readonly uncached: string | null;
  readonly cached: string | null;
  readonly written: string | null;
  readonly output: string | null;
  readonly reasoning: string | null;
  readonly estimated_input: string | null;
  readonly estimated_output: string | null;
  readonly cost_status: string;
  readonly cost: string | null;
}

const ENTRIES = `
  SELECT pool_key.label AS key, upstream_account.label AS account, outcome, usage_known AS known,
         requested_model AS asked, ledger_entry.model AS served, ledger_entry.service_tier AS tier,
         input_uncached AS uncached, input_cached AS cached, cache_write AS written, output, reasoning,
         estimated_input, estimated_output, cost_status, cost_nano_usd AS cost
    FROM ledger_entry JOIN pool_key ON pool_key.id = key_id
         LEFT JOIN upstream_account ON upstream_account.id = account_id`;

export const entriesOf = (database: DataSource): Promise<Entry[]> => database.query<Entry[]>(ENTRIES);

/** Ledger rows of calls that the upstream answered, or began to, one line each. */
export const linesOfLedger = (entries: readonly Entry[]): string[] =>
  entries
    .map((row) =>
      [row.key, row.account, row.asked, row.served, row.tier, row.outcome]
        .concat(row.known ? [row.uncached, row.cached, row.written, row.output, row.reasoning] : ['unknown'])
        .concat(row.estimated_output === null ? [] : ['estimated', row.estimated_input, row.estimated_output])
        .join(' '),
    )
    .sort();

/** The same by what the upstream sent. @param keyTier the tier that calls of a key are for */
export const linesOfUpstream = (sent: Iterable<Sent>, keyTier: (key: string) => string | undefined): string[] =>
  [...sent]
    .map(({ call, accountId, model, servedModel, tier, outcome, usage, deltas, bytes }) => {
      const { input = 0, output = 0, cached = 0, written = 0, reasoning = 0 } = usage ?? {};
      return [call.key, accountId, model, servedModel, tier ?? keyTier(call.key), outcome]
        .concat(
          usage ? [input - cached - written, cached, written, output - reasoning, reasoning].map(String) : ['unknown'],
        )
        .concat(usage || deltas === 0 ? [] : ['estimated', String(Math.ceil(bytes / 4)), String(deltas)])
        .join(' ');
    })
    .sort();

/** Rows whose cost is not what the published prices say. */
export const wrongCosts = (entries: readonly Entry[]): object[] =>
  entries.flatMap((row) => {
    const expected = expectedCost(row);
    const [status, cost] = [row.cost_status, row.cost];
    return status === expected.status && cost === (expected.cost?.toString() ?? null) ? [] : [{ row, expected }];
  });

function expectedCost(row: Entry): { readonly status: string; readonly cost?: bigint } {
  const of = { model: row.served ?? row.asked, tier: row.tier };
  if (row.known) {
    const [uncached, cached, written] = [row.uncached, row.cached, row.written].map((count) => BigInt(count ?? -1));
    const output = BigInt(row.output ?? -1) + BigInt(row.reasoning ?? -1);
    const counted = { ...of, uncached: uncached ?? 0n, cached: cached ?? 0n, written: written ?? 0n, output };
    if (counted.uncached + counted.cached + counted.written + output === 0n) return { status: 'none' };
    return priced('priced', referenceCost(counted));
  }
  if (row.estimated_output === null) return { status: row.account === null ? 'none' : 'unknown' };
  const uncached = BigInt(row.estimated_input ?? -1);
  const output = BigInt(row.estimated_output);
  return priced('estimated', referenceCost({ ...of, uncached, cached: 0n, written: 0n, output }));
}

const priced = (status: string, cost: bigint | undefined) =>
  cost === undefined ? { status: 'unpriced' } : { status, cost };

/** Answers that were asked for in several ways, each known by its uncached tokens: how often, and in how many versions. */
export const versionsOf = (database: DataSource, key: string): Promise<{ asked: number; versions: number }[]> =>
  database.query(
    `SELECT count(*)::int AS asked,
            count(DISTINCT (outcome, input_cached, cache_write, output, reasoning, cost_status, cost_nano_usd,
                            price_version, ledger_entry.model, ledger_entry.service_tier))::int AS versions
       FROM ledger_entry JOIN pool_key ON pool_key.id = key_id
      WHERE label = $1 GROUP BY input_uncached`,
    [key],
  );

import { sampleAttempt, sampleCall, sampleReservation, sampleSettlement } from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { INSERT_INTENTS } from './intent-sql.js';
import { attemptStartRecord, requestRecord, settlementRecord } from './records.js';
import * as settlement from './settlement-sql.js';
import * as sweep from './sweep-sql.js';
import * as sums from './usage-delta-sql.js';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

const PARTITIONED = /^(request|attempt|ledger_entry)_/;
const PROCESS = '44444444-4444-4444-8444-444444444444';

/** Partitions that a plan reads. */
const read = (plan: Plan): string[] => [
  ...(PARTITIONED.test(plan['Relation Name'] ?? '') && plan['Node Type'] !== 'ModifyTable'
    ? [plan['Relation Name'] ?? '']
    : []),
  ...(plan.Plans ?? []).flatMap(read),
];

describe('the statements about calls', () => {
  const database = useDatabase();
  const call = sampleCall();
  const ids = [call.callId];
  const batch = JSON.stringify([settlementRecord(sampleSettlement(call), PROCESS)]);
  const intents = [
    [requestRecord(call, PROCESS)],
    [attemptStartRecord(call.callId, sampleAttempt())],
    [sampleReservation(call)],
  ].map((records) => JSON.stringify(records));

  /** Tables of which more than one partition is read. */
  async function readTwice(sql: string, parameters: readonly unknown[]): Promise<string[]> {
    const rows = await database
      .dataSource()
      .query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(`EXPLAIN (FORMAT JSON) ${sql}`, [...parameters]);
    const partitions = new Set(rows.flatMap((row) => read(row['QUERY PLAN'][0].Plan)));
    const tables = [...partitions].map((name) => name.replace(/_[^_]*$/, ''));
    return tables.filter((table, n) => tables.indexOf(table) !== n);
  }

  it.each<[string, string, readonly unknown[]]>([
    ['write intents', INSERT_INTENTS, [...intents, ids]],
    ['make sure of requests', settlement.ENSURE_REQUESTS, [batch]],
    ['lock requests', settlement.LOCK_REQUESTS, [ids]],
    ['take guesses from the sums', sums.TAKE_GUESSES_FROM_SUMS, [ids]],
    ['write the ledger', settlement.INSERT_LEDGER, [batch, 'queue']],
    ['add to the sums', sums.ADD_TO_SUMS, [ids]],
    ['close requests', settlement.CLOSE_REQUESTS, [batch, ids]],
    ['close attempts', settlement.CLOSE_ATTEMPTS, [batch, ids]],
    ['write guesses', sweep.INSERT_LOST, [ids]],
    ['close lost requests', sweep.CLOSE_LOST_REQUESTS, [ids, 'process_lost', 'gateway']],
    ['close lost attempts', sweep.CLOSE_LOST_ATTEMPTS, [ids, 'process_lost']],
    ['end stale reservations', sweep.END_STALE_RESERVATIONS, [1_000, ids, 1_000]],
  ])('that %s read no partition but that of the call', async (_, sql, parameters) => {
    expect(await readTwice(sql, parameters)).toEqual([]);
  });

  it('would read many if they named no ids', async () => {
    expect(await readTwice("UPDATE request SET blame = NULL WHERE model = ''", [])).not.toEqual([]);
  });
});

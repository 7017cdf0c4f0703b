import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import { sampleAttempt, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import type { AccountId, CallId, KeyId, PoolId } from '../core/index.js';
import type { CallIntent } from './call-intent.js';
import { IntentRepository } from './intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { cursorOf, positionOf, type RequestFilter, type RequestPosition } from './request-query.js';
import type { Settlement } from './settlement.js';
import { SettlementRepository } from './settlement.repository.js';

describe('RequestLogService', () => {
  const database = useDatabase();
  const log = () => new RequestLogService(database.dataSource());
  const poolId = randomUUID() as PoolId;

  async function settled(requestId: string, receivedAtMs: number, pool = poolId) {
    const call = sampleCall({ requestId, receivedAtMs, poolId: pool });
    const record = settlementRecord(sampleSettlement(call), randomUUID());
    await new SettlementRepository(database.dataSource()).write([record], 'queue');
    return call;
  }

  it('finds a call by its id, and by the newest request of the name that the client saw', async () => {
    const name = randomUUID();
    const older = await settled(name, 1_000);
    const newer = await settled(name, 2_000);
    expect((await log().find(older.callId))?.callId).toBe(older.callId);
    expect((await log().find(name))?.callId).toBe(newer.callId);
  });

  it('counts the calls that accounts are serving, each for the account that was asked last', async () => {
    const [first, second] = [randomUUID(), randomUUID()] as [AccountId, AccountId];
    const intend = async (accounts: readonly AccountId[]) => {
      const call = sampleCall();
      const starts = accounts.map((accountId, index) => ({ ...sampleAttempt(index + 1), accountId }));
      await new IntentRepository(database.dataSource()).write([
        { request: requestRecord(call, randomUUID()) },
        ...starts.map((start) => ({ attempt: attemptStartRecord(call.callId, start) })),
      ]);
    };
    await intend([first]);
    await intend([first, second]);
    await intend([second]);
    expect(await log().openCalls()).toEqual(
      new Map([
        [first, 1],
        [second, 2],
      ]),
    );
    expect(await log().openCalls([randomUUID() as PoolId])).toEqual(new Map());
  });

  it('knows the account that last served a key, unless that is too long ago', async () => {
    const keyId = randomUUID() as KeyId;
    const ended = async (accountId: string, completedAtMs: number, outcome: 'succeeded' | 'failed' = 'succeeded') => {
      const call = sampleCall({ keyId });
      const attempts = [{ ...sampleAttempt(), accountId: accountId as AccountId, outcome, completedAtMs }];
      const record = settlementRecord(sampleSettlement(call, { outcome, attempts, completedAtMs }), randomUUID());
      await new SettlementRepository(database.dataSource()).write([record], 'queue');
      return accountId;
    };
    const [, last] = [await ended(randomUUID(), 1_000), await ended(randomUUID(), 3_000)];
    await ended(randomUUID(), 2_000);
    await ended(randomUUID(), 4_000, 'failed');
    expect(await log().lastAccount(keyId, 0)).toBe(last);
    expect(await log().lastAccount(keyId, 3_000)).toBeUndefined();
    expect(await log().lastAccount(randomUUID() as KeyId, 0)).toBeUndefined();
  });

  it('finds nothing where nothing is', async () => {
    expect(await log().find('no such request')).toBeUndefined();
    expect(await log().find(randomUUID())).toBeUndefined();
  });

  it('lists the calls of one Pool, newest first and no more than asked for', async () => {
    const pool = randomUUID() as PoolId;
    const [, second, third] = [
      await settled('a', 1_000, pool),
      await settled('b', 2_000, pool),
      await settled('c', 3_000, pool),
    ];
    await settled('d', 4_000);
    const recent = await log().recent(pool, 2);
    expect(recent.map((call) => call.callId)).toEqual([third.callId, second.callId]);
  });

  it('tells of a call what it cost, by which prices, and as it was corrected last', async () => {
    const call = await settled('priced', 1_000);
    await database
      .dataSource()
      .query(
        `UPDATE ledger_entry SET cost_status = 'priced', cost_nano_usd = 5, price_version = 'v1' WHERE call_id = $1`,
        [call.callId],
      );
    expect((await log().find(call.callId))?.ledger?.cost).toEqual({ status: 'priced', nanoUsd: 5, priceVersion: 'v1' });
    await database.dataSource().query(
      `INSERT INTO cost_correction (call_id, replay_id, cost_status, cost_nano_usd, price_version)
       VALUES ($1, $2, 'priced', 7, 'v2')`,
      [call.callId, randomUUID()],
    );
    expect((await log().find(call.callId))?.ledger?.cost).toEqual({ status: 'priced', nanoUsd: 7, priceVersion: 'v2' });
  });
});

describe('the list of calls', () => {
  const database = useDatabase();
  const log = () => new RequestLogService(database.dataSource());
  const [team, other] = [randomUUID(), randomUUID()] as [PoolId, PoolId];
  const keyId = randomUUID() as KeyId;
  const bob = randomUUID() as AccountId;
  const calls = new Map<string, CallId>();

  async function settled(name: string, over: Partial<CallIntent>, more: Partial<Settlement> = {}): Promise<void> {
    const call = sampleCall({ poolId: team, ...over });
    calls.set(name, call.callId);
    const record = settlementRecord(sampleSettlement(call, more), randomUUID());
    await new SettlementRepository(database.dataSource()).write([record], 'queue');
  }

  beforeAll(async () => {
    const error = { code: 'upstream_overloaded', blame: 'upstream' };
    await settled('first', { receivedAtMs: 1_000, keyId });
    await settled('second', { receivedAtMs: 2_000, model: 'gpt-5.4' }, { outcome: 'failed', error });
    await settled('third', { receivedAtMs: 2_000 }, { outcome: 'cancelled' });
    const attempt = { ...sampleAttempt(), outcome: 'failed', completedAtMs: 3_000 } as const;
    const attempts = [{ ...attempt, accountId: bob }, { ...attempt, number: 2, outcome: 'succeeded' } as const];
    await settled('fourth', { receivedAtMs: 3_000, poolId: other, keyId }, { attempts });
    const open = sampleCall({ receivedAtMs: 4_000, poolId: team });
    calls.set('open', open.callId);
    await new IntentRepository(database.dataSource()).write([{ request: requestRecord(open, randomUUID()) }]);
  });

  const names = (requests: readonly { readonly callId: CallId }[]) =>
    requests.map(({ callId }) => [...calls].find(([, id]) => id === callId)?.[0]);
  const named = async (filter: RequestFilter) => names((await log().page(filter, 10)).requests).sort();

  it.each<[string, () => RequestFilter, string[]]>([
    ['all of them', () => ({}), ['first', 'fourth', 'open', 'second', 'third']],
    ['of a Pool', () => ({ poolId: other }), ['fourth']],
    ['of a key', () => ({ keyId }), ['first', 'fourth']],
    ['that an account was asked for, if it served them or not', () => ({ accountId: bob }), ['fourth']],
    ['that ended so', () => ({ outcome: 'cancelled' }), ['third']],
    ['that are in flight', () => ({ outcome: 'in_flight' }), ['open']],
    ['that ended with an error', () => ({ errorCode: 'upstream_overloaded' }), ['second']],
    ['of a model', () => ({ model: 'gpt-5.4' }), ['second']],
    ['of a time', () => ({ sinceMs: 2_000, untilMs: 3_000 }), ['second', 'third']],
    ['of all of that', () => ({ keyId, accountId: bob, outcome: 'succeeded', sinceMs: 1 }), ['fourth']],
    ['of nothing that there is', () => ({ keyId, model: 'gpt-5.4' }), []],
  ])('is of calls %s', async (_, filter, expected) => {
    expect(await named(filter())).toEqual(expected);
  });

  it('is newest first, and has every call once over its pages, also of those that came in one millisecond', async () => {
    const seen: (string | undefined)[] = [];
    let after: RequestPosition | undefined;
    do {
      const page = await log().page({ poolId: team }, 1, after);
      seen.push(...names(page.requests));
      after = page.next && positionOf(cursorOf(page.next));
    } while (after);
    const [second, third] = ['second', 'third'].sort((a, b) => ((calls.get(a) ?? '') < (calls.get(b) ?? '') ? 1 : -1));
    expect(seen).toEqual(['open', second, third, 'first']);
  });

  it('goes on after a call to the microsecond', async () => {
    const pool = randomUUID() as PoolId;
    for (const micros of [1, 2, 3]) {
      const name = `${pool} ${micros}`;
      await settled(name, { poolId: pool });
      const at = `2026-01-01T00:00:00.00000${micros}Z`;
      await database.dataSource().query('UPDATE request SET received_at = $1 WHERE id = $2', [at, calls.get(name)]);
    }
    const first = await log().page({ poolId: pool }, 1);
    const second = await log().page({ poolId: pool }, 1, first.next);
    expect(names([...first.requests, ...second.requests])).toEqual([`${pool} 3`, `${pool} 2`]);
  });

  it.each(['', 'x', Buffer.from('2026-01-01T00:00:00.0Z x').toString('base64url')])('knows no cursor %j', (cursor) => {
    expect(positionOf(cursor)).toBeUndefined();
  });
});

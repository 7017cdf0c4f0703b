import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import { sampleAttempt, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { IntentRepository } from './intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
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
});

import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { SettlementOutbox } from '../../src/accounting/settlement-outbox.service.js';
import { CONFIRM_AFTER_MS } from '../../src/accounting/timing.js';
import { KeyAdminService } from '../../src/auth/index.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.script = () => hello();
const redis = useRedis();
const gateway = useGateway({ upstream, redis, replicas: 2 });

/** What a call may take longer while Redis is away or hangs: one command that is given up, and a busy machine. */
const ADDED_MS = 1_000;

const SETTLED_ONCE = { outcome: 'succeeded', status: 'succeeded', usage_known: true, output: '32', attempt_count: 1 };
const settled = (requestId: string, by?: string) =>
  eventually(async () => {
    const row = await gateway.settled(requestId);
    expect(row).toMatchObject({ ...SETTLED_ONCE, ...(by === undefined ? {} : { settled_by: by }) });
    return row;
  });
const requestIdOf = (response: Response): string => response.headers.get('x-request-id') ?? '';

/** A stream that Redis leaves in the middle of. @returns the id of its request, once its client has all of it */
async function streamThrough(leave: () => unknown): Promise<string> {
  const held = hold();
  upstream.replyWith(held);
  const answering = gateway.post(ask());
  await held.start();
  await held.text('before ');
  const response = await answering;
  await leave();
  await held.text('and after');
  await held.finish();
  const text = await response.text();
  expect(text).toContain('and after');
  expect(text).toContain('response.completed');
  return requestIdOf(response);
}

/** Calls of new sessions, one after the other. @returns how long the slowest took, in milliseconds */
async function slowestOf(count: number, key = gateway.key): Promise<number> {
  let slowestMs = 0;
  for (let n = 0; n < count; n += 1) {
    const startedAt = performance.now();
    const headers = { authorization: `Bearer ${key}`, 'session-id': randomUUID() };
    const response = await gateway.post(ask(), { replica: n % 2, headers });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  return slowestMs;
}

const newKey = () => gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());

const statusWith = async (key: string, replica: number): Promise<number> => {
  const response = await gateway.post(ask(), { replica, headers: { authorization: `Bearer ${key}` } });
  await response.text();
  return response.status;
};

/** Each replica knows the key; it is revoked at the first one and refused by the second before its cache would lapse. */
async function revokesEverywhere(): Promise<void> {
  const { key, token } = await newKey();
  expect([await statusWith(token, 0), await statusWith(token, 1)]).toEqual([200, 200]);
  await gateway.get(KeyAdminService).revokeKey(key.id);
  await eventually(async () => expect(await statusWith(token, 1)).toBe(401), { withinMs: 1_000 });
}

/** Sooner or later, counted from now: the way to Redis comes back by itself. */
const settlesThroughTheQueue = () =>
  eventually(async () => {
    const response = await gateway.post(ask());
    await response.text();
    expect(await settled(requestIdOf(response))).toMatchObject({ settled_by: 'queue' });
  });

const allSettled = () =>
  eventually(async () => {
    const rows = await gateway.ledger();
    expect(rows.filter((row) => row['outcome'] !== 'succeeded')).toEqual([]);
    return rows;
  });

describe('a gateway whose Redis is killed', () => {
  let cut = '';

  it('finishes the stream that was running and settles it itself', async () => {
    cut = await streamThrough(() => redis.stop());
    await settled(cut, 'direct');
  });

  it('goes on serving new calls without delay', async () => {
    expect(await slowestOf(6)).toBeLessThan(ADDED_MS);
  });

  it('takes new keys and refuses revoked ones within the seconds that a key is believed', async () => {
    const { key, token } = await newKey();
    expect(await statusWith(token, 1)).toBe(200);
    await gateway.get(KeyAdminService).revokeKey(key.id);
    await eventually(async () => expect(await statusWith(token, 1)).toBe(401), { withinMs: 6_000 });
  });

  it('settles through the queue again when Redis is back, and the call from before once only', async () => {
    await redis.start();
    await settlesThroughTheQueue();
    await settled(cut, 'direct');
  });

  it('refuses a revoked key on the other replica within a second again', async () => {
    await eventually(revokesEverywhere);
  });
});

describe('a gateway whose Redis hangs', () => {
  afterAll(() => redis.resume());

  it('finishes the stream that was running and settles it itself', async () => {
    await settled(await streamThrough(() => redis.pause()), 'direct');
  });

  it('goes on serving new calls with little delay', async () => {
    expect(await slowestOf(10)).toBeLessThan(ADDED_MS);
  });

  it('works with it again once it answers', async () => {
    redis.resume();
    await settlesThroughTheQueue();
    await eventually(revokesEverywhere);
  });
});

describe('a gateway whose Redis loses its data', () => {
  it('writes a settlement itself that the queue had taken over and lost', async () => {
    const queue = new Queue(QUEUES.settlement, { connection: { url: redis.url() }, prefix: '{codex-pooler}' });
    try {
      await allSettled();
      await queue.pause();
      const response = await gateway.post(ask());
      await response.text();
      await eventually(async () => expect(await queue.count()).toBe(1));
      await redis.flush();
      await gateway.get(SettlementOutbox).confirm(Date.now() + CONFIRM_AFTER_MS);
      await settled(requestIdOf(response), 'direct');
    } finally {
      await queue.close();
    }
  });

  it('settles the next call through the queue', async () => {
    await settlesThroughTheQueue();
  });

  it('has exactly one ledger row for every call of this file', async () => {
    const rows = await allSettled();
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
});

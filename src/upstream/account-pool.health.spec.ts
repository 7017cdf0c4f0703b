import { collect, from, GatewayError, jsonEvent, type EventBatch, type UpstreamSocket } from '../core/index.js';
import { useCalendar } from '../../test/support/clock.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { shutLane } from '../../test/support/shut-lane.js';
import { aCall, emptyAnswer, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';
import { OPEN_MS } from './health/circuit.js';

const signal = new AbortController().signal;
const event = (type: string, more: object = {}): EventBatch =>
  jsonEvent(Buffer.from(JSON.stringify({ type, ...more })));
const DELTA = event('response.output_text.delta', { delta: 'a' });
const COMPLETED = event('response.completed', { response: { status: 'completed' } });
const FAILED = event('response.failed', { response: { status: 'failed' } });
const answer = (...batches: EventBatch[]) => ({ ...emptyAnswer(), batches: from(batches) });
const broken = () => new GatewayError('upstream_error', 'm', { upstreamStatus: 502 });

describe('what calls find out about an account', () => {
  const database = useDatabase();
  const calendar = useCalendar();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    await process.accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    const account = async () => {
      const [only] = await process.pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    const open = async (call = aCall()) => process.pool.open(await account(), call, signal);
    const connect = async (call = aCall({ transport: 'websocket' })) =>
      process.pool.connect(await account(), call, signal);
    const lane = async (call = aCall()) => shutLane(await account(), call, Date.now());
    const failing = async (times: number) => {
      kind.onOpen = () => Promise.reject(broken());
      for (let count = 0; count < times; count += 1) await expect(open()).rejects.toBeInstanceOf(GatewayError);
      await process.health.written();
    };
    return { kind, account, open, connect, lane, failing, ...process };
  };

  it('keeps calls away from work that failed three times in a row, without sending them', async () => {
    const { kind, open, lane, failing } = await start();
    await failing(3);
    expect(await lane()).toMatchObject({ state: 'open', reason: 'upstream_error' });
    const sent = kind.opened.length;
    await expect(open()).rejects.toMatchObject({ code: 'upstream_account_busy', detail: { unsent: true } });
    expect(kind.opened).toHaveLength(sent);
  });

  it('sends one call when the time is over, and all again as soon as it shows something of an answer', async () => {
    const { kind, open, lane, failing, health } = await start();
    await failing(3);
    calendar.pass(OPEN_MS);
    kind.onOpen = async () => answer(DELTA, COMPLETED);
    const probe = await open();
    await expect(open()).rejects.toMatchObject({ code: 'upstream_account_busy' });
    const reader = probe.batches[Symbol.asyncIterator]();
    await reader.next();
    await health.written();
    expect(await lane()).toBeUndefined();
    expect(await collect((await open()).batches)).toHaveLength(2);
    await reader.return?.();
  });

  it('lets the next call try when the one that tried was given up', async () => {
    const { kind, open, failing, health } = await start();
    await failing(3);
    calendar.pass(OPEN_MS);
    kind.onOpen = async () => answer(DELTA);
    await (await open()).batches[Symbol.asyncIterator]().return?.();
    await health.written();
    await expect(open()).resolves.toBeDefined();
  });

  it('includes what a stream fails with, also after its first events', async () => {
    const { kind, open, account } = await start();
    kind.onOpen = async () => answer(DELTA, FAILED);
    kind.onFailure = () => new GatewayError('upstream_rate_limited', 'm');
    await collect((await open()).batches);
    expect(await account()).toMatchObject({
      coolingReason: 'upstream_rate_limited',
      lanes: [{ model: '*', routeClass: '*', state: 'open' }],
    });
  });

  it('includes how fast it answered, and when it last did', async () => {
    const { kind, open, account } = await start();
    kind.onOpen = async () => {
      calendar.pass(250);
      return answer(DELTA, COMPLETED);
    };
    await collect((await open()).batches);
    expect((await account()).pulse).toEqual({ ttftMs: 250, failureShare: 0, lastSuccessAtMs: Date.now() });
  });

  describe('over a websocket', () => {
    const socketOf = (turn: UpstreamSocket['turn']): UpstreamSocket => ({
      usable: true,
      turn,
      send: async () => undefined,
      close: () => undefined,
    });
    const call = aCall({ transport: 'websocket' });

    it('counts a handshake that fails, and the turns', async () => {
      const { kind, connect, lane } = await start();
      kind.onConnect = () => Promise.reject(broken());
      await expect(connect()).rejects.toBeDefined();
      kind.onConnect = async () => socketOf(() => Promise.reject(broken()));
      const socket = await connect();
      for (const left of [2, 1]) {
        expect([left, await lane(call)]).toEqual([left, undefined]);
        await expect(socket.turn(call, signal)).rejects.toBeDefined();
      }
      expect(await lane(call)).toMatchObject({ routeClass: 'websocket', state: 'open' });
    });

    it('tries with the handshake and the first turn together', async () => {
      const { kind, connect, lane, health } = await start();
      kind.onConnect = () => Promise.reject(broken());
      for (let count = 0; count < 3; count += 1) await expect(connect()).rejects.toBeDefined();
      await health.written();
      calendar.pass(OPEN_MS);
      kind.onConnect = async () => socketOf(async () => answer(DELTA, COMPLETED));
      const socket = await connect();
      expect(await lane(call)).toMatchObject({ state: 'half_open', probing: true });
      await collect((await socket.turn(call, signal)).batches);
      await health.written();
      expect(await lane(call)).toBeUndefined();
    });

    it('makes room when it is closed before its first turn', async () => {
      const { kind, connect, health } = await start();
      kind.onConnect = () => Promise.reject(broken());
      for (let count = 0; count < 3; count += 1) await expect(connect()).rejects.toBeDefined();
      await health.written();
      calendar.pass(OPEN_MS);
      kind.onConnect = async () => socketOf(async () => answer(COMPLETED));
      (await connect()).close();
      await health.written();
      await expect(connect()).resolves.toBeDefined();
    });
  });
});

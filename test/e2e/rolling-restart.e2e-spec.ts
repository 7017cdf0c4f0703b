import { eventOf, turn, typeOf, type CodexSocket } from '../support/codex-socket.js';
import { callOutcomes, SERVED } from '../support/call-outcomes.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useFleet, type OpenSocketTurn, type OpenTurn } from '../support/fleet.js';
import { ask } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { figuresOf, isServed, SteadyLoad } from '../support/steady-load.js';

const FULL = process.env['DRILLS'] === 'full';
/** Open over both replicas. */
const [STREAMS, SESSIONS] = FULL ? [100, 50] : [16, 8];
const PER_SECOND = FULL ? 15 : 8;
const DRAIN_MS = FULL ? 20_000 : 6_000;
const AFTER_DRAIN_MS = 2_000;
/** For a client that was cut off, until it is served again. */
const BACK_WITHIN_MS = 5_000;
/** From a process's death to the last ledger row of its calls. */
const SETTLED_WITHIN_MS = 60_000;
const LEFT_AT_REST = 4;

jest.setTimeout(240_000);

const database = useDatabase();
const redis = useRedis();
const fleet = useFleet({ postgres: database, redis }, { DRAIN_MS: String(DRAIN_MS), DRAIN_DELAY_MS: '500' });

const loads: SteadyLoad[] = [];
afterAll(() => Promise.all(loads.map((load) => load.stop())));

/** Short calls by clients that come again when they are told to, or meet a connection that just ends; and how often. */
function underLoad() {
  const told = { again: 0, reset: 0 };
  const load = new SteadyLoad(PER_SECOND, async (_, id) => {
    for (;;) {
      const response = await fleet.post(ask(), id).catch(() => undefined);
      if (response !== undefined && response.status !== 503) return response;
      told[response ? 'again' : 'reset'] += 1;
      await response?.text();
    }
  });
  loads.push(load);
  return { load, told };
}

const many = <T>(count: number, open: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, open));

function tell(drill: string, figures: object): void {
  if (FULL) process.stdout.write(`${JSON.stringify({ drill, ...figures })}\n`);
}

async function openAll(): Promise<{ turns: OpenTurn[]; sessions: OpenSocketTurn[] }> {
  const [streams, sessions] = await Promise.all([
    many(STREAMS, () => fleet.openStream()),
    many(SESSIONS, () => fleet.openSocketTurn()),
  ]);
  return { turns: [...streams, ...sessions], sessions };
}

/** @returns those whose clients did not get all of it */
async function finish(turns: readonly OpenTurn[]): Promise<OpenTurn[]> {
  await Promise.all(turns.map(({ held }) => held.text('and ended').then(() => held.finish())));
  const texts = await Promise.allSettled(turns.map(({ text }) => text));
  return turns.filter((_, n) => {
    const text = texts[n];
    const isWhole = text?.status === 'fulfilled' && /and ended[^]*response\.completed/.test(text.value);
    return !isWhole;
  });
}

const rows = (what: string) => database.dataSource().query<Record<string, unknown>[]>(`SELECT ${what}`);

/** Every call has one row in the ledger, and none is open any more. */
const allSettled = (withinMs?: number) =>
  eventually(
    async () => {
      const [seen] = await rows(`count(*)::int AS calls, count(DISTINCT ledger_entry.call_id)::int AS settled,
        count(ledger_entry.call_id)::int AS entries, count(*) FILTER (WHERE status = 'in_flight')::int AS open
        FROM request LEFT JOIN ledger_entry ON ledger_entry.call_id = request.id`);
      expect(seen).toEqual({ calls: seen?.['calls'], settled: seen?.['calls'], entries: seen?.['calls'], open: 0 });
      return seen;
    },
    { withinMs },
  );

const servedOnce = async (ids: readonly string[]): Promise<void> => {
  await eventually(async () =>
    expect(await callOutcomes(database.dataSource(), ids)).toEqual([...new Set(ids)].map(() => SERVED)),
  );
};

/** Each on a connection of its own: the websockets that were closed, and those that were not. */
async function comeBack(sockets: readonly CodexSocket[]): Promise<void> {
  const closed = sockets.filter(({ ws }) => ws.readyState === ws.CLOSED);
  expect(closed.length).toBeGreaterThan(0);
  expect(closed.length).toBeLessThan(sockets.length);
  expect(new Set(await Promise.all(closed.map((socket) => socket.closed)))).toEqual(new Set([1001]));
  for (const socket of sockets) {
    const usable = closed.includes(socket) ? await fleet.openSocket() : socket;
    expect((await usable.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    usable.drop();
  }
}

/** Turns of one replica that outlast its time. */
async function openEndless(n: number) {
  const { url } = fleet.replica(n);
  const [stream, session] = await Promise.all([fleet.openStream({ url }), fleet.openSocketTurn({ url })]);
  return async () => {
    expect(await stream.text).toMatch(/event: response\.failed\ndata: [^\n]*"code":"server_error"[^\n]*\n\n$/);
    const last = eventOf((await session.text).split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ type: 'error', status: 503, error: { code: 'draining' } });
    expect(await session.socket.closed).toBe(1012);
  };
}

describe('two gateways and a worker behind a balancer', () => {
  it('restart one after the other: no turn is cut that could end in time, no settlement lost, no client in vain', async () => {
    const { load, told } = underLoad();
    const ends: number[] = [];
    for (const n of [0, 1]) {
      const { turns, sessions } = await openAll();
      const resting = await many(LEFT_AT_REST, () => fleet.openSocket());
      const expectTold = n === 1 ? await openEndless(n) : undefined;
      const ended = fleet.end(n);
      await eventually(() => expect(fleet.isReady(n)).toBe(false));

      expect(await finish(turns)).toEqual([]);
      const { code, stderr, tookMs } = await ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(tookMs).toBeLessThan(DRAIN_MS + AFTER_DRAIN_MS);
      ends.push(Math.round(tookMs));
      await expectTold?.();
      await comeBack([...resting, ...sessions.map(({ socket }) => socket)]);
      await fleet.startReplica(n);
    }
    const calls = await load.stop();
    expect(calls.filter((call) => !isServed(call)).map(({ status, text }) => [status, text])).toEqual([]);
    await servedOnce(calls.map(({ id }) => id));
    const settled = await allSettled();
    expect(
      await rows(`status, error_code, transport FROM request WHERE status <> 'succeeded' ORDER BY transport`),
    ).toEqual(['http_sse', 'websocket'].map((transport) => ({ status: 'failed', error_code: 'draining', transport })));
    tell('rolling restart', { ends, ...told, settled, ...figuresOf(fleet.upstream, calls) });
  });

  it('lose with one that is killed only what it served: the other fails no call, and has every client back', async () => {
    const load = new SteadyLoad(PER_SECOND, (_, id) => fleet.post(ask(), id));
    loads.push(load);
    const { turns } = await openAll();
    await fleet.replica(0).kill9();
    const killedAtMs = Date.now();

    const broken = await finish(turns);
    const backMs = Math.max(...(await Promise.all(broken.map(() => fleet.insist(BACK_WITHIN_MS)))));
    const calls = await load.stop();

    expect(broken.length).toBeGreaterThan(0);
    expect(broken.length).toBeLessThan(turns.length);
    const processOf = new Map(
      (await rows('request_id, process_id FROM request')).map((row) => [row['request_id'], row['process_id']]),
    );
    const whole = turns.filter((each) => !broken.includes(each));
    const survivor = new Set(whole.map(({ id }) => processOf.get(id)));
    expect(survivor.size).toBe(1);
    const failed = [...broken, ...calls.filter((call) => !isServed(call))];
    expect(failed.filter(({ id }) => survivor.has(processOf.get(id)))).toEqual([]);
    expect(calls.filter((call) => call.sentAtMs > killedAtMs + 1_000 && !isServed(call))).toEqual([]);
    if (!FULL) return;
    await allSettled(SETTLED_WITHIN_MS);
    const settledMs = Date.now() - killedAtMs;
    tell('kill -9', {
      broken: broken.length,
      backMs: Math.round(backMs),
      settledMs,
      ...figuresOf(fleet.upstream, calls),
    });
  });
});

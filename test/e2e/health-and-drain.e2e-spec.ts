import { eventsIn, settlementOf, typesIn } from '../support/calls.js';
import { CodexSocket, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway, type TestGateway } from '../support/gateway.js';
import { bearer, connectTo, head } from '../support/raw-calls.js';
import { useRedis } from '../support/redis.js';
import { hang, hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const DRAIN_MS = 1_500;
/** After the drain: last frames, settlements, connections. */
const AFTER_DRAIN_MS = 2_000;
/** What a gateway with nothing to do may take to close. */
const AT_ONCE_MS = 1_000;

const probe = async (gateway: TestGateway, path: string): Promise<[number, unknown, string | null]> => {
  const answer = await fetch(`${gateway.url}${path}`);
  return [answer.status, await answer.json(), answer.headers.get('connection')];
};

/** Connections to the gateway's database that are not the test's own. */
async function connectionsOf(gateway: TestGateway): Promise<number> {
  const own = Array.from({ length: 10 }, () => gateway.database().createQueryRunner());
  // All are taken before one is given back: else they could be one and the same.
  await Promise.all(own.map((runner) => runner.connect()));
  const pids = await Promise.all(
    own.map(async (runner) => {
      const [row] = (await runner.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[];
      return row?.pid ?? 0;
    }),
  );
  await Promise.all(own.map((runner) => runner.release()));
  const others = `SELECT count(*)::int AS count FROM pg_stat_activity
                   WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> ALL ($1)`;
  const [row] = await gateway.database().query<{ count: number }[]>(others, [pids]);
  return row?.count ?? -1;
}

/** @returns how long it took, in milliseconds */
async function closing(gateway: TestGateway): Promise<number> {
  const startedAt = performance.now();
  await gateway.close(0);
  return performance.now() - startedAt;
}

describe('a gateway that runs', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: String(DRAIN_MS) } });

  it('is alive and ready, without a key', async () => {
    for (const path of ['/livez', '/healthz', '/startupz']) {
      expect(await probe(gateway, path)).toEqual([200, { status: 'ok' }, 'keep-alive']);
    }
    expect(await probe(gateway, '/readyz')).toEqual([200, { status: 'ready' }, 'keep-alive']);
  });

  it('closes at once when nobody is served, though clients keep their connections, and lets go of everything', async () => {
    const idle = await connectTo(gateway);
    upstream.replyWith(hello());
    await (await gateway.post(ask())).text();
    expect(await connectionsOf(gateway)).toBeGreaterThan(0);

    expect(await closing(gateway)).toBeLessThan(AT_ONCE_MS);

    await idle.untilClosed();
    await eventually(async () => expect(await connectionsOf(gateway)).toBe(0));
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow('fetch failed');
    expect(upstream.open).toBe(0);
  });
});

/** What a gateway says of itself that drains. */
const LEAVING = [503, { status: 'unavailable', failed: ['draining'] }, 'close'];

describe('a gateway that is told to end', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: '20000' } });

  it('says that it is not ready, begins nothing, finishes the stream that runs, settles it, and ends', async () => {
    const held = hold();
    upstream.replyWith(held);
    const answering = gateway.post(ask());
    await held.start();
    await held.text('before');
    const answer = await answering;

    const closed = closing(gateway);
    await eventually(async () => expect(await probe(gateway, '/readyz')).toEqual(LEAVING));
    expect(await probe(gateway, '/livez')).toEqual([200, { status: 'ok' }, 'close']);
    const late = await gateway.post(ask());
    expect([late.status, late.headers.get('retry-after'), await late.json()]).toMatchObject([
      503,
      '1',
      { error: { code: 'draining' } },
    ]);
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(503);
    await held.text('after');
    await held.finish();

    const text = await answer.text();
    expect([text.includes('"delta":"after"'), typesIn(text).at(-1)]).toEqual([true, 'response.completed']);
    expect(await closed).toBeLessThan(20_000);
    expect(await settlementOf(gateway, answer)).toMatchObject({ status: 'succeeded', usage_known: true });
  });
});

describe('a gateway that a load balancer has to notice', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: '20000', DRAIN_DELAY_MS: '1500' } });

  it('is not ready, and serves what still comes as long as DRAIN_DELAY_MS; then it begins nothing', async () => {
    upstream.script = () => hello();
    const held = hold();
    upstream.replyWith(held);
    const socket = await CodexSocket.open(gateway);
    socket.send(turn());
    await held.start();

    const closed = closing(gateway);
    expect(await probe(gateway, '/readyz')).toEqual(LEAVING);
    expect(typesIn(await (await gateway.post(ask())).text()).at(-1)).toBe('response.completed');
    const late = await CodexSocket.open(gateway);
    expect((await late.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');

    expect(await late.closed).toBe(1001);
    expect((await gateway.post(ask())).status).toBe(503);
    expect((await CodexSocket.refused(gateway)).status).toBe(503);
    await held.finish();
    expect((await socket.answer()).map(typeOf).at(-1)).toBe('response.completed');
    expect(await socket.closed).toBe(1001);
    expect(await closed).toBeGreaterThan(1_500);
  });
});

describe('a gateway whose Redis is away', () => {
  const redis = useRedis();
  const gateway = useGateway({ upstream: new ScriptedUpstream(), redis });

  it('is ready, and says what is missing', async () => {
    expect(await probe(gateway, '/readyz')).toEqual([200, { status: 'ready' }, 'keep-alive']);
    await redis.stop();
    const degraded = [200, { status: 'ready', degraded: ['redis'] }, 'keep-alive'];
    await eventually(async () => expect(await probe(gateway, '/readyz')).toEqual(degraded));
    await redis.start();
    await eventually(async () =>
      expect(await probe(gateway, '/readyz')).toEqual([200, { status: 'ready' }, 'keep-alive']),
    );
  });
});

describe('a gateway in trouble', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  it('is alive and not ready while its schema is not there', async () => {
    await gateway.database().query(`ALTER TABLE schema_migration RENAME TO schema_migration_elsewhere`);
    try {
      const unready = { status: 'unavailable', failed: ['schema'] };
      expect(await probe(gateway, '/readyz')).toEqual([503, unready, 'keep-alive']);
      expect(await probe(gateway, '/healthz')).toEqual([200, { status: 'ok' }, 'keep-alive']);
    } finally {
      await gateway.database().query(`ALTER TABLE schema_migration_elsewhere RENAME TO schema_migration`);
    }
    expect(await probe(gateway, '/readyz')).toEqual([200, { status: 'ready' }, 'keep-alive']);
  });

  it('does not wait for a body that is never sent whole', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`${bearer(gateway)}content-length: 1000\r\nexpect: 100-continue\r\n\r\n`));
    await connection.until('100 Continue');
    connection.send('{"model":');

    expect(await closing(gateway)).toBeLessThan(AFTER_DRAIN_MS);
    await connection.untilClosed();
  });
});

describe('a gateway whose time is up', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: String(DRAIN_MS) } });

  it('tells streams that cannot end so in their last event, and settles every call before it is gone', async () => {
    const [streaming, created, silent] = [hold(), hold(), hang()];
    upstream.replyWith(streaming);
    const stream = gateway.post(ask());
    await streaming.text('Hel');
    const answer = await stream;
    upstream.replyWith(created);
    const started = gateway.post(ask());
    await created.start();
    upstream.replyWith(silent);
    const unanswered = gateway.post(ask());
    await silent.opened;

    expect(await closing(gateway)).toBeLessThan(DRAIN_MS + AFTER_DRAIN_MS);

    const events = eventsIn(await answer.text());
    expect(events.map(({ type }) => type)).toEqual(['response.output_text.delta', 'response.failed']);
    expect(events[1]?.response).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(typesIn(await (await started).text()).at(-1)).toBe('response.failed');
    const refused = await unanswered;
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'draining' } }]);
    const rows = await gateway.ledger();
    expect(rows.map(({ status, error_code, outcome }) => [status, error_code, outcome])).toEqual(
      rows.map(() => ['failed', 'draining', 'failed']),
    );
    expect(rows).toHaveLength(3);
    await eventually(async () => expect(await connectionsOf(gateway)).toBe(0));
    await Promise.all([streaming, created, silent].map(async ({ opened }) => (await opened).closed));
  });
});

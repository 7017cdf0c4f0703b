import { KeyAdminService, PoolKeyService } from '../../src/auth/index.js';
import { LiveStreams } from '../../src/platform/http/index.js';
import { CodexSocket, eventOf, refusedWith, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { hello, useGateway, type TestGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { standstill } from '../support/standstill.js';

/** Runs a turn as far as its first visible text. */
async function beginTurn(socket: CodexSocket, upstream: ScriptedUpstream) {
  const held = hold();
  upstream.replyWith(held);
  socket.send(turn());
  await held.start();
  await held.text('begun');
  await socket.until((seen) => seen.some((text) => text.includes('"begun"')));
  return held;
}

describe('a key that is taken away', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const revoke = async (key: string) => gateway.get(KeyAdminService).revokeKey(key.split('-').slice(0, 3).join('-'));
  const open = async () => {
    const { key } = await newPool(gateway, upstream, [{}]);
    return { key, socket: await CodexSocket.open(gateway, { key }) };
  };

  it('closes a socket at rest with 1008 within a second (trap 54)', async () => {
    const { key, socket } = await open();
    const untouched = await CodexSocket.open(gateway);
    const revokedAtMs = Date.now();
    expect((await revoke(key))?.status).toBe('revoked');
    expect(await socket.closed).toBe(1008);
    expect(Date.now() - revokedAtMs).toBeLessThan(1_000);
    upstream.replyWith(hello());
    expect((await untouched.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    untouched.drop();
  });

  it('lets the turn that runs come to its end, then closes without a word about the next', async () => {
    const { key, socket } = await open();
    const held = await beginTurn(socket, upstream);
    socket.send(turn());
    const before = upstream.received.length;
    await revoke(key);
    await held.text('ended');
    await held.finish();
    expect(await socket.closed).toBe(1008);
    expect(socket.frames.map(typeOf).at(-1)).toBe('response.completed');
    expect(upstream.received).toHaveLength(before);
  });

  it('refuses the next frame also when nobody told of the change (trap 54)', async () => {
    const { key, socket } = await open();
    const before = upstream.received.length;
    await gateway
      .database()
      .query(`UPDATE pool_key SET status = 'paused' WHERE prefix = $1`, [key.split('-').slice(0, 3).join('-')]);
    // What is held of a key is a second old at most.
    await eventually(() =>
      expect(gateway.get(PoolKeyService).authenticate(`Bearer ${key}`, Date.now())).rejects.toMatchObject({
        code: 'api_key_paused',
      }),
    );
    socket.send(turn());
    expect([await socket.closed, socket.frames]).toEqual([1008, []]);
    expect(upstream.received).toHaveLength(before);
  });
});

/** @returns how long it took, in milliseconds */
async function closing(gateway: TestGateway): Promise<number> {
  const startedAt = performance.now();
  await gateway.close(0);
  return performance.now() - startedAt;
}

describe('a gateway that is told to end', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: '20000' } });

  it('closes sockets at rest with 1001, others after their turn; and opens none', async () => {
    gateway.get(LiveStreams).jitterMs = () => 0;
    const resting = await CodexSocket.open(gateway);
    const busy = await CodexSocket.open(gateway);
    const held = await beginTurn(busy, upstream);

    const closed = closing(gateway);
    expect(await resting.closed).toBe(1001);
    const { status, body } = await CodexSocket.refused(gateway);
    expect([status, JSON.parse(body)]).toMatchObject([503, { error: { code: 'draining' } }]);
    await held.text('ended');
    await held.finish();

    expect(await busy.closed).toBe(1001);
    expect(busy.frames.map(typeOf).at(-1)).toBe('response.completed');
    expect(await closed).toBeLessThan(10_000);
    const rows = await gateway.ledger();
    expect(rows).toMatchObject([{ status: 'succeeded', usage_known: true, transport: 'websocket' }]);
    expect(upstream.openSockets).toBe(0);
  });
});

describe('a gateway whose time is up', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { DRAIN_MS: '400' } });

  it('ends running turns with one error frame and 1012, cuts clients that do not read, and settles all of it', async () => {
    const socket = await CodexSocket.open(gateway);
    await beginTurn(socket, upstream);
    const stalled = await CodexSocket.open(gateway);
    const held = await beginTurn(stalled, upstream);
    stalled.ws.pause();
    let written = 0;
    const flood = (async () => {
      while (await held.text('x'.repeat(64 * 1024))) written += 1;
    })();
    await standstill(() => written);

    expect(await closing(gateway)).toBeLessThan(400 + 2_500);

    expect(await socket.closed).toBe(1012);
    const last = socket.frames.splice(0).map(eventOf).at(-1);
    expect(last).toEqual({ ...refusedWith(503, 'draining'), headers: { 'retry-after': '1' } });
    stalled.ws.resume();
    expect(await stalled.closed).toBe(1006);
    await flood;
    const rows = await gateway.ledger();
    expect(rows.map(({ status, outcome }) => [status, outcome])).toEqual([
      ['failed', 'failed'],
      [expect.stringMatching(/failed|cancelled/), expect.stringMatching(/failed|cancelled/)],
    ]);
    expect(upstream.openSockets).toBe(0);
  });
});

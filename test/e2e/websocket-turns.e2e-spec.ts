import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { CodexSocket, eventOf, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { hello, useGateway, type LedgerRow } from '../support/gateway.js';
import { compaction, frames, hold, say, ScriptedUpstream, usage } from '../support/scripted-upstream/index.js';
import { standstill } from '../support/standstill.js';

const KEEPALIVE_MS = 150;
const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: String(KEEPALIVE_MS) } });

const responseIn = (answer: readonly string[]) => eventOf(answer.at(-1) ?? '{}').response ?? {};
const upgraded = () => upstream.requests('upgrade').length;

/** The settled calls of one websocket, in order. */
const rowsOf = (requestId: string, count: number): Promise<LedgerRow[]> =>
  eventually(async () => {
    const rows = (await gateway.ledger()).filter((row) => row['request_id'] === requestId);
    expect(rows.filter(({ status }) => status !== 'in_flight')).toHaveLength(count);
    return rows;
  });

/** Everything that a careless relay would change. */
const NATIVE = [
  '{"type":"response.created", "response":{"id":"resp_n","n":1.0,"error":null}}',
  '{"type":"codex.rate_limits","plan_type":"pro","rate_limits":null}',
  '{"z":1,"type":"codex.new_thing","a":[1e2]}',
  '{"type":"response.output_text.delta","delta":"two lines \\u00e9 é 🙂 \\"headers\\": {}"}',
  '{"type":"response.completed","response":{"error":null,"id":"resp_n","usage":null}}',
];

it('relays what the client sent and what the upstream answered, byte for byte (trap 11)', async () => {
  const socket = await CodexSocket.open(gateway);
  upstream.replyWith(frames(...NATIVE));
  const frame =
    '{"type":"response.create", "model":"gpt-5.5","stream":true,"input":[{"n":1.0,"s":"\\u00e9"}],"x":null}';

  const answer = await socket.ask(frame);

  expect(answer.filter((text) => typeOf(text) !== 'codex.response.metadata')).toEqual(NATIVE);
  const { body, transport } = upstream.received.at(-1) ?? {};
  expect([body?.toString(), transport]).toEqual([frame, 'websocket']);
  socket.drop();
});

it('sends the client’s own headers with the upstream’s handshake, and nothing that is ours', async () => {
  const headers = { originator: 'codex_exec', 'session-id': randomUUID(), 'x-codex-beta-features': 'b', cookie: 'c' };
  const socket = await CodexSocket.open(gateway, { headers });
  upstream.replyWith(hello());
  await socket.ask(turn());
  const seen = upstream.requests('upgrade').at(-1);
  const { cookie, ...own } = headers;
  expect(Object.keys(own).map((name) => seen?.header(name))).toEqual(Object.values(own));
  expect(seen?.header('openai-beta')).toBe('responses_websockets=2026-02-06');
  expect([seen?.header('cookie'), seen?.header('authorization')?.includes(gateway.key)]).toEqual([undefined, false]);
  socket.drop();
});

it('opens its upstream socket at the first turn, and runs the next ones on it: each with a row of its own', async () => {
  const requestId = randomUUID();
  const socket = await CodexSocket.open(gateway, { headers: { 'x-request-id': requestId } });
  const before = upgraded();
  upstream.replyWith(say('one', { usage: usage(1000, 600, 70, 30) }), say('two'), say('three'));

  const first = await socket.ask(turn());
  const second = await socket.ask(turn({ previous_response_id: responseIn(first)['id'], input: [] }));
  await socket.ask(turn());

  expect(second.map(typeOf)).not.toContain('error');
  expect(upgraded() - before).toBe(1);
  const seen = upstream.received.slice(-3);
  expect(new Set(seen.map((request) => request.socket)).size).toBe(1);
  expect(seen[1]?.json()).toMatchObject({ previous_response_id: responseIn(first)['id'] });
  const rows = await rowsOf(requestId, 3);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(3);
  expect(rows[0]).toMatchObject({
    status: 'succeeded',
    transport: 'websocket',
    model: 'gpt-5.5',
    input_uncached: '400',
    input_cached: '600',
    output: '40',
    reasoning: '30',
  });
  socket.drop();
});

it('tells what HTTP tells in headers once in each turn, before the first upstream frame', async () => {
  const socket = await CodexSocket.open(gateway);
  upstream.replyWith(hello(), hello());
  for (let n = 0; n < 2; n += 1) {
    const [first, ...rest] = (await socket.ask(turn())).map(eventOf);
    expect(first).toEqual({
      type: 'codex.response.metadata',
      headers: { 'x-models-etag': socket.headers['x-models-etag'] },
    });
    expect(rest.filter(({ type }) => type === 'codex.response.metadata')).toEqual([]);
  }
  socket.drop();
});

it('serves the websockets of one session side by side, as sub-agents need it (trap 49)', async () => {
  const headers = { 'session-id': randomUUID() };
  const [slow, fast] = [await CodexSocket.open(gateway, { headers }), await CodexSocket.open(gateway, { headers })];
  const held = hold();
  upstream.replyWith(held, say('second'));
  slow.send(turn());
  await held.opened;

  expect((await fast.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
  expect(slow.frames.map(typeOf)).not.toContain('response.completed');

  await held.text('first');
  await held.finish();
  expect((await slow.answer()).some((text) => text.includes('"first"'))).toBe(true);
  slow.drop();
  fast.drop();
});

it('serves frames that come early one after another (trap 49)', async () => {
  const socket = await CodexSocket.open(gateway);
  const held = hold();
  upstream.replyWith(held, say('second'));
  const before = upstream.received.length;
  socket.send(turn()).send(turn());
  await held.start();
  await held.text('first');
  await socket.until((seen) => seen.some((text) => text.includes('"first"')));
  expect(upstream.received.length - before).toBe(1);
  await held.finish();
  await socket.until((seen) => seen.filter((text) => typeOf(text) === 'response.completed').length === 2);
  const texts = socket.frames.filter((text) => typeOf(text) === 'response.output_text.delta');
  expect(texts.map((text) => eventOf(text)['delta'])).toEqual(['first', 'second']);
  socket.drop();
});

it('forwards response.processed on the socket that is open upstream', async () => {
  const socket = await CodexSocket.open(gateway);
  upstream.replyWith(hello());
  const answer = await socket.ask(turn());
  const frame = `{"type":"response.processed", "response_id":"${String(responseIn(answer)['id'])}"}`;
  socket.send(frame);
  await eventually(() => expect(upstream.sockets.at(-1)?.frames.at(-1)).toBe(frame));
  socket.drop();
});

it('answers a compaction with exactly one item, however much the upstream says beside it', async () => {
  const socket = await CodexSocket.open(gateway);
  upstream.replyWith(hello(), compaction('sealed'));
  const first = await socket.ask(turn());
  const input = [{ type: 'compaction_trigger' }];
  const answer = await socket.ask(turn({ previous_response_id: responseIn(first)['id'], input }));
  const events = answer.map(eventOf).filter(({ type }) => type !== 'codex.response.metadata');
  expect(events).toMatchObject([
    { type: 'response.output_item.done', item: { type: 'compaction', encrypted_content: 'sealed' } },
    { type: 'response.completed' },
  ]);
  expect(new Set(upstream.received.slice(-2).map((request) => request.socket)).size).toBe(1);
  socket.drop();
});

it('fills silence in a turn with data frames of its own, and rests without them', async () => {
  const socket = await CodexSocket.open(gateway);
  const held = hold();
  upstream.replyWith(held);
  socket.send(turn());
  await held.opened;
  while (socket.keepAlives < 3) await once(socket.ws, 'message');
  await held.text('after');
  await held.finish();
  await socket.answer();
  const seen = socket.keepAlives;
  upstream.replyWith(hello());
  await socket.ask(turn());
  expect(socket.keepAlives).toBe(seen);
  socket.drop();
});

it('makes the upstream wait for a client that reads slowly, and loses nothing', async () => {
  const [piece, count] = ['x'.repeat(64 * 1024), 512];
  const socket = await CodexSocket.open(gateway);
  const held = hold();
  upstream.replyWith(held);
  socket.send(turn());
  await held.text('begun');
  await socket.until((seen) => seen.some((text) => text.includes('"begun"')));
  socket.ws.pause();

  let written = 0;
  const writing = (async () => {
    for (; written < count; written += 1) await held.text(piece);
  })();
  await standstill(() => written);
  const stoppedAt = written;
  socket.ws.resume();
  await writing;
  await held.finish();
  const answer = await socket.answer();

  expect(stoppedAt * piece.length).toBeLessThan(24 * 1024 * 1024);
  expect(answer.filter((text) => text.includes(`"delta":"${piece}"`))).toHaveLength(count);
  socket.drop();
});

it('stops reading a client that sends much while a turn runs, and serves all of it in the end', async () => {
  const frame = JSON.stringify(turn({ prompt_cache_key: 'x'.repeat(1024 * 1024) }));
  const count = 24;
  const socket = await CodexSocket.open(gateway);
  const held = hold();
  upstream.replyWith(held, ...Array.from({ length: count }, hello));
  socket.send(turn());
  await held.opened;
  for (let n = 0; n < count; n += 1) socket.send(frame);
  await standstill(() => socket.ws.bufferedAmount);
  const unread = socket.ws.bufferedAmount;
  await held.finish();
  await socket.until((seen) => seen.filter((text) => typeOf(text) === 'response.completed').length === count + 1);

  expect(unread).toBeGreaterThan(8 * 1024 * 1024);
  socket.drop();
});

import { CodexSocket, eventOf, refusedWith, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  createdThenFailed,
  cutAfter,
  failBeforeHeaders,
  frames,
  hold,
  json,
  overloaded503,
  quota429,
  ScriptedUpstream,
  say,
  type Reply,
} from '../support/scripted-upstream/index.js';

const REOPEN = refusedWith(400, 'websocket_connection_limit_reached');
const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const connect = ({ key }: TestPool) => CodexSocket.open(gateway, { key });
const responseIn = (answer: readonly string[]) => eventOf(answer.at(-1) ?? '{}').response ?? {};
const withoutMetadata = (answer: readonly string[]) =>
  answer.map(eventOf).filter(({ type }) => type !== 'codex.response.metadata');
const servedBy = (count: number) => upstream.received.slice(-count).map(({ accountId }) => accountId);
const other = ({ accounts }: TestPool, id: string | undefined) => accounts.find((account) => account.id !== id)?.id;

/** A socket whose first turn was answered. */
async function afterOneTurn(team: TestPool) {
  const socket = await connect(team);
  upstream.replyWith(hello());
  const previous_response_id = responseIn(await socket.ask(turn()))['id'];
  const inner = upstream.sockets.at(-1);
  if (!inner) throw new Error('no upstream socket');
  return { socket, inner, next: turn({ previous_response_id, input: [] }) };
}

const lastRow = () =>
  eventually(async () => {
    const row = (await gateway.ledger()).at(-1);
    expect(row?.status).not.toBe('in_flight');
    return row;
  });

describe('an upstream socket that dies at rest', () => {
  it('has the client send everything again when the next turn goes on from it (trap 52)', async () => {
    const { socket, inner, next } = await afterOneTurn(await newPool(gateway, upstream, [{}, {}]));
    const before = upstream.received.length;
    inner.cut();
    await inner.closed;
    await eventually(async () => expect((await socket.ask(next)).map(eventOf)).toEqual([REOPEN]));
    expect(upstream.received).toHaveLength(before);
    socket.drop();
  });

  it('is replaced when the next turn brings its full input: nobody sees it (trap 51)', async () => {
    const { socket, inner } = await afterOneTurn(await newPool(gateway, upstream, [{}, {}]));
    inner.cut('reset');
    upstream.replyWith(hello());
    expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    expect(upstream.sockets.at(-1)).not.toBe(inner);
    socket.drop();
  });
});

it('has the client come back once, and once only, when the upstream dies in the middle of a turn (trap 53)', async () => {
  const socket = await connect(await newPool(gateway, upstream, [{}, {}]));
  upstream.replyWith(cutAfter(5, say('Hello', ' there')), hello());
  const answer = await socket.ask(turn());
  expect(answer.map(typeOf).filter((type) => type === 'response.output_text.delta')).not.toEqual([]);
  expect(eventOf(answer.at(-1) ?? '')).toEqual(REOPEN);
  expect(await lastRow()).toMatchObject({ status: 'failed', error_code: 'stream_interrupted', blame: 'upstream' });
  expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
  socket.drop();
});

const MOVING: readonly (readonly [string, Reply])[] = [
  ['a usage limit', quota429(3600)],
  ['an overload', overloaded503()],
  ['an overload after response.created', createdThenFailed('server_is_overloaded')],
  ['a socket that dies before its first frame', failBeforeHeaders()],
];

it.each(MOVING)('moves a turn to the other account on %s, and the client sees nothing of it', async (_, failure) => {
  const team = await newPool(gateway, upstream, [{}, {}]);
  const socket = await connect(team);
  upstream.replyWith(failure, hello());
  const types = withoutMetadata(await socket.ask(turn())).map(({ type }) => type);
  expect(types.filter((type) => type === 'response.created' || type === 'error')).toEqual(['response.created']);
  const [first, second] = servedBy(2);
  expect(second).toBe(other(team, first));
  expect(await lastRow()).toMatchObject({ status: 'succeeded', transport: 'websocket', attempt_count: 2 });
  socket.drop();
});

it('asks for the full input when the account of a bound turn is at its limit, and another one is not', async () => {
  const team = await newPool(gateway, upstream, [{}, {}]);
  const { socket, next } = await afterOneTurn(team);
  const [bound] = servedBy(1);
  upstream.replyWith(quota429(3600));
  expect(withoutMetadata(await socket.ask(next))).toEqual([REOPEN]);
  socket.drop();

  const again = await connect(team);
  upstream.replyWith(hello());
  expect((await again.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
  expect(servedBy(1)).toEqual([other(team, bound)]);
  again.drop();
});

it('tells when the first account is back when all are at their limit', async () => {
  const team = await newPool(gateway, upstream, [{}, {}]);
  const socket = await connect(team);
  upstream.replyWith(quota429(7200), quota429(3600));
  const [frame, ...more] = withoutMetadata(await socket.ask(turn()));
  expect(more).toEqual([]);
  expect(frame).toMatchObject({ type: 'error', status: 429, error: { type: 'usage_limit_reached' } });
  const { resets_at: resetsAt, ...error } = frame?.['error'] as Record<string, unknown>;
  expect(Math.abs(Number(resetsAt) - Date.now() / 1000 - 3600)).toBeLessThan(10);
  expect(error).not.toHaveProperty('plan_type');
  socket.drop();
});

it('tells an overload that nobody can take over in the form that the CLI shows', async () => {
  const socket = await connect(await newPool(gateway, upstream, [{}]));
  upstream.replyWith(createdThenFailed('server_is_overloaded'));
  expect(withoutMetadata(await socket.ask(turn())).at(-1)).toMatchObject({
    type: 'response.failed',
    response: { error: { code: 'server_is_overloaded' } },
  });
  socket.drop();
});

it('relays what the upstream says of this very request, with its status', async () => {
  const error = { message: 'No.', type: 'invalid_request_error', code: 'invalid_prompt', param: 'input' };
  const socket = await connect(await newPool(gateway, upstream, [{}, {}]));
  const before = upstream.received.length;
  upstream.replyWith(json(400, { error }, { 'set-cookie': 'c' }));
  expect(withoutMetadata(await socket.ask(turn()))).toEqual([{ type: 'error', status: 400, error }]);
  expect(upstream.received).toHaveLength(before + 1);
  socket.drop();
});

it('asks for the full input when the upstream does not know what a turn goes on from', async () => {
  const { socket } = await afterOneTurn(await newPool(gateway, upstream, [{}]));
  expect(withoutMetadata(await socket.ask(turn({ previous_response_id: 'resp_unknown', input: [] })))).toEqual([
    REOPEN,
  ]);
  socket.drop();
});

it('does not relay a binary frame of the upstream: the turn is lost', async () => {
  const socket = await connect(await newPool(gateway, upstream, [{}]));
  const delta = '{"type":"response.output_text.delta","delta":"Hel"}';
  upstream.replyWith(frames(delta, Buffer.from([1])));
  expect(withoutMetadata(await socket.ask(turn())).at(-1)).toMatchObject({ type: 'error', status: 400 });
  socket.drop();
});

describe('a client that is killed in the middle of a turn', () => {
  it('ends the turn upstream within a second, and it is settled as cancelled (trap 50)', async () => {
    const socket = await connect(await newPool(gateway, upstream, [{}]));
    const held = hold();
    upstream.replyWith(held);
    socket.send(turn());
    await held.start();
    await held.text('Hel');
    await socket.until((seen) => seen.some((text) => text.includes('"Hel"')));
    const inner = upstream.sockets.at(-1);

    const leftAtMs = Date.now();
    socket.drop();
    await inner?.closed;

    expect((inner?.closedAtMs ?? Infinity) - leftAtMs).toBeLessThan(1_000);
    expect(inner?.closedByClient).toBe(true);
    expect(await lastRow()).toMatchObject({ status: 'cancelled', error_code: 'client_disconnected', blame: 'client' });
  });

  it('has had its turn when the terminal event was there already', async () => {
    const socket = await connect(await newPool(gateway, upstream, [{}]));
    upstream.replyWith(hello());
    await socket.ask(turn());
    socket.drop();
    expect(await lastRow()).toMatchObject({ status: 'succeeded', usage_known: true });
    await eventually(() => expect(upstream.openSockets).toBe(0));
  });
});

describe('an upstream that serves no websockets', () => {
  const httpOnly = new ScriptedUpstream({ websockets: false });
  const fallen = useGateway({ upstream: httpOnly });

  it('is asked over HTTP, and the client does not notice; the next upgrade is refused with 426', async () => {
    const socket = await CodexSocket.open(fallen);
    httpOnly.replyWith(hello());
    const types = withoutMetadata(await socket.ask(turn({ tools: [] }))).map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed']);
    const seen = httpOnly.received.at(-1);
    expect([seen?.transport, seen?.header('accept')]).toEqual(['http', 'text/event-stream']);
    expect(seen?.json()).not.toHaveProperty('type');
    socket.drop();

    const { status, headers, body } = await CodexSocket.refused(fallen);
    expect([status, headers['upgrade'], headers['connection']]).toEqual([426, 'websocket', 'close']);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'websocket_unavailable' } });
  });
});

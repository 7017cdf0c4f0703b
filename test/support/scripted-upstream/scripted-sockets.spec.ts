import {
  connectionLimit,
  createdThenFailed,
  cutAfter,
  failBeforeHeaders,
  frames,
  hold,
  overloaded503,
  quota429,
  say,
  type ScriptedUpstream,
} from './index.js';
import { ask, startUpstream, stopUpstreams } from './spec-calls.js';
import { SocketClient } from './spec-socket.js';

afterEach(stopUpstreams);

const connected = (upstream: ScriptedUpstream): Promise<SocketClient> => new SocketClient(upstream).open();

const user = (text: string): object => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });

describe('a websocket', () => {
  it('answers each turn with the frames of the same script that answers over HTTP', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(say('Hello'), say('Hello'));
    const client = await connected(upstream);

    const types = (await client.turn()).map(({ type }) => type);

    const text = await (await ask(upstream)).text();
    expect(types).toEqual([...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type));
    expect(client.seen.map((frame) => frame['sequence_number'])).toEqual([...types.keys()]);
  });

  it('records the upgrade, and each turn with the headers of its upgrade and its bytes as they came', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const client = await connected(upstream);
    client.ws.send('{"type":"response.processed","response_id":"resp_0"}');
    const frame = '{"type": "response.create", "input": [], "n": 1.0}';
    const arriving = upstream.next();
    client.ws.send(frame);

    const request = await arriving;

    expect(upstream.count('upgrade')).toBe(1);
    expect([request.transport, request.socket, request.header('session-id')]).toEqual(['websocket', 1, 's-1']);
    expect(request.headers.map(([name]) => name)).toContain('Session-ID');
    expect(request.body.toString('utf8')).toBe(frame);
    expect(upstream.sockets[0]?.frames).toEqual(['{"type":"response.processed","response_id":"resp_0"}', frame]);
  });

  it('goes on only from its own last response', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(say('One.'), say('Two.'));
    const first = await connected(upstream);
    const second = await connected(upstream);
    const id = (await first.turn()).at(-1)?.response?.['id'];

    expect((await second.turn({ previous_response_id: id })).at(-1)).toMatchObject({
      type: 'error',
      status: 400,
      error: {
        type: 'invalid_request_error',
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      },
    });
    expect((await first.turn({ previous_response_id: id })).at(-1)).toMatchObject({ type: 'response.completed' });
    expect((await first.turn({ previous_response_id: id })).at(-1)).toMatchObject({ status: 400 });
  });

  it('shows the script of prompts what was said on it before', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const client = await connected(upstream);

    const call = await client.turn({
      tools: [{ type: 'function', name: 'exec_command' }],
      input: [user('[[tool {"cmd":"echo hi"}]]')],
    });
    const result = { type: 'function_call_output', call_id: 'call_1', output: 'hi' };
    const answered = await client.turn({ previous_response_id: call.at(-1)?.response?.['id'], input: [result] });
    const text = JSON.stringify(answered.at(-1));
    const turns = await client.turn({
      previous_response_id: answered.at(-1)?.response?.['id'],
      input: [user('[[turns]]')],
    });

    expect(text).toContain('TOOL_OK hi');
    expect(JSON.stringify(turns.at(-1))).toContain('TURNS_OK users=2 assistants=1');
    expect(turns[0]).toMatchObject({ type: 'response.metadata', headers: { 'x-codex-turn-state': 'ts-000003' } });
  });

  it('takes a warm-up without asking the script, and remembers that it came', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(say('For the turn.'));
    const client = await connected(upstream);

    const warm = (await client.turn({ generate: false })).at(-1)?.response;
    const turn = (await client.turn({ previous_response_id: warm?.['id'] })).at(-1);

    expect(warm?.['output']).toEqual([]);
    expect(JSON.stringify(turn)).toContain('For the turn.');
    expect(upstream.received.map((request) => request.json())).toMatchObject([{ generate: false }, {}]);
  });

  it('gives refusals and failures as error frames with their status, and stays open', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(
      quota429(60),
      connectionLimit(),
      overloaded503(),
      createdThenFailed('server_error'),
      say('Fine.'),
    );
    const client = await connected(upstream);

    const last = [];
    for (let turn = 0; turn < 5; turn += 1) last.push((await client.turn()).at(-1));

    expect(last).toMatchObject([
      {
        type: 'error',
        status: 429,
        error: { type: 'usage_limit_reached' },
        headers: { 'x-codex-primary-used-percent': '100' },
      },
      { type: 'error', status: 400, error: { code: 'websocket_connection_limit_reached' } },
      { type: 'error', status: 503, error: { code: 'server_is_overloaded' } },
      { type: 'response.failed' },
      { type: 'response.completed' },
    ]);
  });

  it('can die before a turn is answered, in the middle of it, or while it rests', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(failBeforeHeaders(), cutAfter(2, say('Never')), cutAfter(1, say('Never'), 1011));
    const codes: number[] = [];
    const seen: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const client = await connected(upstream);
      client.ws.send('{"type":"response.create"}');
      codes.push(await client.over);
      seen.push(client.seen.length);
    }
    const resting = await connected(upstream);
    upstream.sockets.at(-1)?.cut(1001);
    codes.push(await resting.over);

    expect([codes, seen]).toEqual([
      [1006, 1006, 1011, 1001],
      [0, 2, 1],
    ]);
    expect(upstream.openSockets).toBe(0);
    expect(upstream.aborted).toBe(0);
  });

  it('says when its client went away in the middle of a turn', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const held = hold();
    upstream.replyWith(held);
    const client = await connected(upstream);
    client.ws.send('{"type":"response.create"}');
    const request = await held.opened;
    await held.text('Hel');

    client.ws.terminate();
    await request.closed;

    const [socket] = upstream.sockets;
    expect(upstream.aborted).toBe(1);
    expect([socket?.closeCode, socket?.closedByClient]).toEqual([1006, true]);
    expect(socket?.closedAtMs).toBeGreaterThanOrEqual(request.receivedAtMs);
  });

  it('sends frames of any form', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(frames(Buffer.from([1, 2]), '{"type":"response.completed","response":{"id":"r"}}'));
    const client = await connected(upstream);

    await client.turn();

    expect(client.binary).toEqual([Buffer.from([1, 2])]);
    expect(upstream.scriptErrors).toEqual([]);
  });

  it('runs one turn at a time', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const held = hold();
    upstream.replyWith(held);
    const client = await connected(upstream);
    client.ws.send('{"type":"response.create"}');
    await held.opened;

    expect((await client.turn()).at(-1)).toMatchObject({ type: 'error', status: 500 });
  });
});

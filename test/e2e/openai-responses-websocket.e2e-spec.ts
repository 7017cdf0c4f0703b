import { KeyAdminService } from '../../src/auth/index.js';
import { CodexSocket, eventOf, refusedWith, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { hello, useGateway, type LedgerRow } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  compaction,
  failedFirstEvent,
  frames,
  hold,
  message,
  noWebsockets,
  answer,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const PATH = '/v1/responses';
const open = (key = gateway.key) => CodexSocket.open(gateway, { path: PATH, key });
const ask = (over: object = {}) => turn({ stream: undefined, input: 'Say hello.', ...over });
const sent = () => upstream.received.at(-1)?.json() as Record<string, unknown>;
const responseOf = (seen: readonly string[]) => eventOf(seen.at(-1) ?? '{}').response ?? {};

/** The settled calls of one websocket, in order. */
const rowsOf = (socket: CodexSocket, count: number): Promise<LedgerRow[]> =>
  eventually(async () => {
    const rows = (await gateway.ledger()).filter((row) => row['request_id'] === socket.headers['x-request-id']);
    expect(rows.filter(({ status }) => status !== 'in_flight')).toHaveLength(count);
    return rows;
  });

describe('a turn of the websocket of /v1/responses', () => {
  it('is the stream of the same request, its numbers anew in each turn', async () => {
    const socket = await open();
    upstream.replyWith(hello(), hello());
    const first = await socket.ask(ask({ input: 'one' }));
    const second = await socket.ask(ask({ input: 'two' }));

    for (const seen of [first, second]) {
      const events = seen.map(eventOf);
      expect([events[0]?.type, events.at(-1)?.type]).toEqual(['response.created', 'response.completed']);
      expect(events.map((event) => event['sequence_number'])).toEqual([...events.keys()]);
    }
    expect(responseOf(first)).toMatchObject({ status: 'completed', output: [{ content: [{ text: 'Hello there' }] }] });
    expect(await rowsOf(socket, 2)).toMatchObject([
      { dialect: 'openai-responses', route: PATH, transport: 'websocket', outcome: 'succeeded', output: '32' },
      { outcome: 'succeeded' },
    ]);
    expect(upstream.openSockets).toBe(1);
    socket.drop();
  });

  it('goes upstream as a frame that is not stored, without what is between the client and us', async () => {
    const socket = await open();
    upstream.replyWith(hello());
    await socket.ask(ask({ stream_id: 's', turn_id: 't', background: false, max_output_tokens: 3, store: true }));
    expect(upstream.received.at(-1)?.transport).toBe('websocket');
    expect(sent()).toMatchObject({ type: 'response.create', generate: true, store: false, input: [{ role: 'user' }] });
    for (const name of ['stream_id', 'turn_id', 'background', 'max_output_tokens'])
      expect(sent()).not.toHaveProperty(name);
    socket.drop();
  });

  it('has its name in every event', async () => {
    const socket = await open();
    upstream.replyWith(hello());
    const seen = await socket.ask(ask({ stream_id: 'turn-1' }));
    const refused = await socket.ask(ask({ stream_id: 'turn-2', input: 7 }));
    expect(new Set(seen.map((frame) => eventOf(frame)['stream_id']))).toEqual(new Set(['turn-1']));
    expect(refused.map(eventOf)).toEqual([{ ...refusedWith(400, 'invalid_request', 'input'), stream_id: 'turn-2' }]);
    socket.drop();
  });

  it('goes on from the response that it names, on the socket that holds it (C4)', async () => {
    const socket = await open();
    upstream.replyWith(hello(), hello());
    const { id } = responseOf(await socket.ask(ask()));
    const seen = await socket.ask(ask({ previous_response_id: id }));
    expect(sent()).toMatchObject({ previous_response_id: id });
    expect(responseOf(seen)).toMatchObject({ previous_response_id: id });
    socket.drop();
  });

  it('is asked for again in full when what it goes on from is nowhere', async () => {
    const socket = await open();
    const [frame] = (await socket.ask(ask({ previous_response_id: 'resp_elsewhere' }))).map(eventOf);
    expect(frame).toMatchObject({ type: 'error', status: 400, error: { code: 'websocket_connection_limit_reached' } });
    socket.drop();
  });

  it('tells nothing of what is between the upstream and us', async () => {
    const socket = await open();
    upstream.replyWith(
      frames(
        '{"type":"codex.rate_limits","plan_type":"pro"}',
        '{"type":"response.created","response":{"id":"resp_n"}}',
        '{"type":"response.metadata","headers":{"x-codex-turn-state":"t"}}',
        '{"type":"response.completed","response":{"id":"resp_n","headers":{"a":"b"}}}',
      ),
    );
    const seen = await socket.ask(ask());
    expect(seen.map(typeOf)).toEqual(['response.created', 'response.completed']);
    expect(seen.join()).not.toContain('headers');
    socket.drop();
  });

  it('is a compaction when it ends in a trigger', async () => {
    const socket = await open();
    upstream.replyWith(compaction('sealed'));
    const input = [{ role: 'user', content: 'Go on.' }, { type: 'compaction_trigger' }];
    const seen = await socket.ask(ask({ input }));
    expect(seen.map(typeOf)).toEqual(['response.created', 'response.output_item.done', 'response.completed']);
    expect(responseOf(seen)).toMatchObject({ object: 'response', output: [{ type: 'compaction' }] });
    expect(await rowsOf(socket, 1)).toMatchObject([{ route: `${PATH}/compact` }]);
    socket.drop();
  });

  it('runs over HTTP where the upstream serves no websockets', async () => {
    const { accounts, key } = await newPool(gateway, upstream, [{}]);
    for (const account of accounts) account.upgradeScript = () => noWebsockets();
    const socket = await open(key);
    const seen = await socket.ask(ask());
    expect(typeOf(seen.at(-1) ?? '')).toBe('response.completed');
    expect(upstream.received.at(-1)?.transport).toBe('http');
    expect(sent()).not.toHaveProperty('generate');
    socket.drop();
  });
});

describe('a turn that fails', () => {
  it('by its response ends in response.failed, with the error at the top', async () => {
    const socket = await open();
    upstream.replyWith(failedFirstEvent('context_length_exceeded'), hello());
    const seen = (await socket.ask(ask())).map(eventOf);
    expect(seen).toMatchObject([
      {
        type: 'response.failed',
        sequence_number: 0,
        error: { code: 'context_length_exceeded' },
        response: { status: 'failed' },
      },
    ]);
    expect(typeOf((await socket.ask(ask())).at(-1) ?? '')).toBe('response.completed');
    socket.drop();
  });

  it('because it broke off ends in an error frame, which has no number', async () => {
    const socket = await open();
    const held = hold();
    upstream.replyWith(held);
    socket.send(ask({ stream_id: 's' }));
    await held.start();
    await held.text('Hal');
    await socket.until((seen) => seen.some((text) => text.includes('"Hal"')));
    await held.cut();
    const last = eventOf((await socket.answer()).at(-1) ?? '');
    expect(last).toEqual({ ...refusedWith(502, 'upstream_stream_error'), stream_id: 's' });
    socket.drop();
  });

  it.each([
    ['that is no JSON', '{"type":', 'invalid_request', null],
    ['of the Realtime API', { type: 'conversation.item.create', item: {} }, 'invalid_request', 'model'],
    ['without a model', ask({ model: undefined }), 'invalid_request', 'model'],
    ['with an odd name', ask({ stream_id: 'a b' }), 'invalid_request', 'stream_id'],
    ['in the background', ask({ background: true }), 'unsupported_parameter', 'background'],
    ['for an unknown model (C12)', ask({ model: 'gpt-none' }), 'model_not_found', 'model'],
  ])('because of a frame %s leaves the websocket open', async (_, frame, code, param) => {
    const calls = upstream.received.length;
    const socket = await open();
    expect((await socket.ask(frame)).map(eventOf)).toEqual([refusedWith(400, code, param)]);
    expect(upstream.received).toHaveLength(calls);
    upstream.replyWith(hello());
    expect(typeOf((await socket.ask(ask())).at(-1) ?? '')).toBe('response.completed');
    socket.drop();
  });

  it('because it was asked for before is told so', async () => {
    const socket = await open();
    upstream.replyWith(hello());
    await socket.ask(ask({ turn_id: 'mine' }));
    expect((await socket.ask(ask({ turn_id: 'mine' }))).map(eventOf)).toEqual([
      refusedWith(409, 'duplicate_turn', 'request_id'),
    ]);
    socket.drop();
  });
});

describe('a warm-up', () => {
  it('is answered here, and goes in front of the turn that names it (trap 48)', async () => {
    const [calls, rows] = [upstream.received.length, (await gateway.ledger()).length];
    const socket = await open();
    const warm = await socket.ask(ask({ generate: false, input: 'Be brief.', stream_id: 'w' }));
    expect(warm.map(eventOf)).toMatchObject([
      { type: 'response.created', sequence_number: 0, stream_id: 'w' },
      {
        type: 'response.completed',
        sequence_number: 1,
        response: { id: expect.stringMatching(/^resp_warmup_/) as string },
      },
    ]);
    expect([upstream.received.length, (await gateway.ledger()).length]).toEqual([calls, rows]);
    upstream.replyWith(hello());
    await socket.ask(ask({ previous_response_id: responseOf(warm)['id'] }));
    expect(sent()).not.toHaveProperty('previous_response_id');
    expect(JSON.stringify(sent()['input'])).toMatch(/Be brief\..*Say hello\./);
    socket.drop();
  });
});

describe('the websocket', () => {
  it('closes with 1008 when its key is taken away, between two turns (trap 54)', async () => {
    const { key } = await newPool(gateway, upstream, [{}]);
    const socket = await open(key);
    upstream.replyWith(hello());
    await socket.ask(ask());
    await gateway.get(KeyAdminService).revokeKey(key.split('-').slice(0, 3).join('-'));
    expect(await socket.closed).toBe(1008);
  });

  it('stops the upstream when its client leaves, and settles the turn once (trap 50)', async () => {
    const socket = await open();
    const held = hold();
    upstream.replyWith(held);
    socket.send(ask());
    const request = await held.opened;
    await held.start();
    await held.text('begun');
    await socket.until((seen) => seen.some((text) => text.includes('"begun"')));
    socket.drop();
    await request.closed;
    expect(await rowsOf(socket, 1)).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('answers one frame after the other', async () => {
    const socket = await open();
    upstream.replyWith(say('first'), answer([message(['second'])]));
    socket.send(ask()).send(ask());
    await socket.until((seen) => seen.filter((text) => typeOf(text) === 'response.completed').length === 2);
    const texts = socket.frames.filter((text) => typeOf(text) === 'response.output_text.delta');
    expect(texts.map((text) => eventOf(text)['delta'])).toEqual(['first', 'second']);
    socket.drop();
  });
});

import { CodexSocket, eventOf, refusedWith, turn, typeOf } from '../support/codex-socket.js';
import { hello, PATH, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { connectTo } from '../support/raw-calls.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

describe('an upgrade', () => {
  it.each([PATH, '/backend-api/codex/v1/responses', '/backend-api/codex/%72esponses'])(
    'to %s opens a websocket, and says which models there are',
    async (path) => {
      const socket = await CodexSocket.open(gateway, {
        path,
        headers: { 'x-request-id': 'a-request-id-of-the-client' },
      });
      const models = await fetch(`${gateway.url}/backend-api/codex/models`, {
        headers: { authorization: `Bearer ${gateway.key}` },
      });
      expect(socket.headers).toMatchObject({
        'x-models-etag': models.headers.get('etag'),
        'x-request-id': 'a-request-id-of-the-client',
      });
      expect([socket.ws.extensions, socket.ws.protocol]).toEqual(['', '']);
      socket.drop();
    },
  );

  it('with a wrong key is answered 401, as JSON', async () => {
    const { status, headers, body } = await CodexSocket.refused(gateway, { key: gateway.key.replace(/.$/, '~') });
    expect([status, JSON.parse(body)]).toMatchObject([401, { error: { code: 'api_key_missing' } }]);
    expect(headers).toMatchObject({ 'x-pooler-error-source': 'gateway', connection: 'close' });
  });

  it('to an unknown path is answered 404', async () => {
    const { status } = await CodexSocket.refused(gateway, { path: '/backend-api/codex/nothing' });
    expect(status).toBe(404);
  });

  it('is asked for by whoever sends a plain GET', async () => {
    const answer = await fetch(`${gateway.url}${PATH}`, { headers: { authorization: `Bearer ${gateway.key}` } });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 'websocket_upgrade_required' } },
    ]);
  });

  it('to another protocol is a plain GET', async () => {
    const connection = await connectTo(gateway);
    connection.send(
      `GET ${PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\nconnection: Upgrade\r\nupgrade: h2c\r\n\r\n`,
    );
    expect((await connection.until('websocket_upgrade_required')).status).toBe(400);
    connection.close();
  });
});

describe('a frame', () => {
  it.each([
    ['that is no JSON', '{"type":', refusedWith(400, 'invalid_request')],
    ['that is no object', '[]', refusedWith(400, 'invalid_request')],
    ['of another type', '{"type":"session.update","model":"gpt-5.5"}', refusedWith(400, 'invalid_request', 'model')],
    ['without a model', '{"input":[]}', refusedWith(400, 'invalid_request', 'model')],
    ['without input', turn({ input: undefined }), refusedWith(400, 'invalid_request', 'input')],
    ['for an unknown model', turn({ model: 'gpt-none' }), refusedWith(400, 'invalid_model', 'model')],
    [
      'to forward when nothing is open upstream',
      { type: 'response.processed', response_id: 'resp_1' },
      refusedWith(502, 'upstream_websocket_forward_failed'),
    ],
  ])('%s gets an error frame, and the socket stays open', async (_, frame, refusal) => {
    const before = upstream.received.length;
    const socket = await CodexSocket.open(gateway);
    expect((await socket.ask(frame)).map(eventOf)).toEqual([refusal]);
    expect(upstream.received).toHaveLength(before);
    upstream.replyWith(hello());
    expect(typeOf((await socket.ask(turn())).at(-1) ?? '')).toBe('response.completed');
    socket.drop();
  });

  it('that is binary closes with 1003', async () => {
    const socket = await CodexSocket.open(gateway);
    socket.ws.send(Buffer.from('{}'));
    expect(await socket.closed).toBe(1003);
  });

  it('names its turn once', async () => {
    const socket = await CodexSocket.open(gateway);
    upstream.replyWith(hello());
    await socket.ask(turn({ turn_id: 'mine' }));
    const again = await socket.ask(turn({ request_id: 'mine' }));
    expect(again.map(eventOf)).toEqual([refusedWith(409, 'duplicate_turn', 'request_id')]);
    socket.drop();
  });
});

describe('a warm-up', () => {
  const warmUp = turn({ generate: false, input: [{ type: 'message', role: 'developer', content: 'Be brief.' }] });

  it('is answered at once, without a call upstream or a row in the ledger (trap 48)', async () => {
    const [calls, rows] = [upstream.received.length, (await gateway.ledger()).length];
    const socket = await CodexSocket.open(gateway);
    const frames = (await socket.ask(warmUp)).map(eventOf);
    expect(frames.map(({ type }) => type)).toEqual(['response.created', 'response.completed']);
    expect(frames[1]?.response?.['id']).toMatch(/^resp_warmup_[0-9a-f-]{36}$/);
    expect(frames[1]?.response).not.toHaveProperty('usage');
    expect([upstream.received.length, upstream.openSockets, (await gateway.ledger()).length]).toEqual([calls, 0, rows]);
    socket.send({ type: 'response.processed', response_id: frames[1]?.response?.['id'] });
    upstream.replyWith(hello());
    expect((await socket.ask(turn())).map(typeOf)).not.toContain('error');
    socket.drop();
  });

  it('goes in front of the turn that names it, which then names nothing', async () => {
    const socket = await CodexSocket.open(gateway);
    const [, completed] = (await socket.ask(warmUp)).map(eventOf);
    upstream.replyWith(hello());
    await socket.ask(turn({ previous_response_id: completed?.response?.['id'], prompt_cache_key: 'p' }));
    const body = upstream.received.at(-1)?.json() as Record<string, unknown>;
    expect(body).not.toHaveProperty('previous_response_id');
    expect(body).toMatchObject({ prompt_cache_key: 'p', input: [{ role: 'developer' }, { role: 'user' }] });
    socket.drop();
  });

  it('of another websocket is asked for again in full', async () => {
    const socket = await CodexSocket.open(gateway);
    const answer = await socket.ask(turn({ previous_response_id: 'resp_warmup_elsewhere' }));
    expect(answer.map(eventOf)).toEqual([refusedWith(400, 'websocket_connection_limit_reached')]);
    socket.drop();
  });

  it('is refused for what its turn would be refused for', async () => {
    const team = await newPool(gateway, upstream, [{ models: ['gpt-5.5'] }]);
    const socket = await CodexSocket.open(gateway, { key: team.key });
    const answer = await socket.ask({ ...warmUp, model: 'gpt-6.1-sol' });
    expect(answer.map(eventOf)).toEqual([refusedWith(400, 'invalid_model', 'model')]);
    socket.drop();
  });
});

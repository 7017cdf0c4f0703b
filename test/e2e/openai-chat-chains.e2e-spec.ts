import { PoolService } from '../../src/auth/index.js';
import type { Fields } from '../../src/core/index.js';
import { jsonOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import { answer, message, reasoningPart, say, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const CHAT = '/v1/chat/completions';

describe('a chat that goes on from a stored response', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  beforeAll(async () => {
    await gateway.get(PoolService).createPool('test', { storedResponses: true, maxStoredItems: 100 });
  });

  const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  const assistant = (text: string) => ({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text }],
  });
  const chat = async (content: string, over: object = {}): Promise<Fields> => {
    const response = await gateway.post(
      { model: 'gpt-5.5', messages: [{ role: 'user', content }], ...over },
      { path: CHAT },
    );
    return (await jsonOf(response)).body;
  };
  const sent = () => upstream.received.at(-1)?.json() as Fields;
  const get = (path: string) =>
    fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${gateway.key}` } }).then(jsonOf);

  it('has what was said and answered before in front of what it says itself, reasoning included (C4, N4)', async () => {
    upstream.replyWith(answer([reasoningPart('Hm.'), message(['Blue', '.'])]));
    const { response_id: first } = await chat('Name a colour.');
    upstream.replyWith(say('Sky.'));
    const second = await chat('And a thing.', { previous_response_id: first });
    const earlier = [user('Name a colour.'), expect.objectContaining({ type: 'reasoning' }), assistant('Blue.')];
    expect(sent()).toMatchObject({ input: [...earlier, user('And a thing.')] });
    expect(sent()).not.toHaveProperty('previous_response_id');
    upstream.replyWith(say('Sea.'));
    await chat('Another.', { previous_response_id: second['response_id'], stream: false });
    expect(sent()).toMatchObject({ input: [...earlier, user('And a thing.'), assistant('Sky.'), user('Another.')] });
  });

  it('stays with the account that made the reasoning in it (T27)', async () => {
    upstream.replyWith(answer([reasoningPart('Hm.'), message(['Blue.'])]));
    const { response_id: first } = await chat('Name a colour.');
    const maker = upstream.received.at(-1)?.header('chatgpt-account-id');
    for (let turn = 0; turn < 4; turn += 1) {
      upstream.replyWith(say('ok'));
      await chat('Go on.', { previous_response_id: first });
      expect(upstream.received.at(-1)?.header('chatgpt-account-id')).toBe(maker);
    }
  });

  it('is the same response that GET /v1/responses tells, and a stream tells its id too', async () => {
    upstream.replyWith(say('Blue.'));
    const response = await gateway.post(
      { model: 'gpt-5.5', messages: [{ role: 'user', content: 'x' }], stream: true },
      { path: CHAT },
    );
    const id = /"response_id":"([^"]+)"/.exec(await response.text())?.[1];
    expect(await get(`/v1/responses/${String(id)}`)).toMatchObject({
      status: 200,
      body: { id, object: 'response', status: 'completed', output: [{ content: [{ text: 'Blue.' }] }] },
    });
  });

  it('is kept as a completion only when it says so, and not at all when it objects (C3)', async () => {
    upstream.replyWith(say('a'), say('b'), say('c'));
    const silent = await chat('x');
    expect((await get(`${CHAT}/${String(silent['id'])}`)).status).toBe(404);
    const kept = await chat('x', { store: true, metadata: { k: 'v' } });
    expect(await get(`${CHAT}/${String(kept['id'])}`)).toMatchObject({ status: 200, body: { ...kept } });
    const objecting = await chat('x', { store: false });
    expect(objecting).not.toHaveProperty('response_id');
    const { length } = upstream.received;
    expect(await get(`/v1/responses/resp_${String(objecting['id']).slice('chatcmpl-'.length)}`)).toMatchObject({
      status: 404,
    });
    expect(upstream.received).toHaveLength(length);
  });

  it('is refused when nobody knows that response, and nothing is asked', async () => {
    const { length } = upstream.received;
    const response = await gateway.post(
      { model: 'gpt-5.5', messages: [{ role: 'user', content: 'x' }], previous_response_id: 'resp_unheard_of' },
      { path: CHAT },
    );
    expect(await jsonOf(response)).toMatchObject({
      status: 404,
      body: {
        error: {
          type: 'invalid_request_error',
          param: 'previous_response_id',
          message: expect.stringContaining('resp_unheard_of') as string,
        },
      },
    });
    expect(upstream.received).toHaveLength(length);
  });
});

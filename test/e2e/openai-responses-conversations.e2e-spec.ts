import { attemptsOf, eventsIn, jsonOf, settlementOf, typesIn } from '../support/calls.js';
import { hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  answer,
  compaction,
  json,
  message,
  reasoningPart,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const PATH = '/v1/responses';
const ask = (over: object = {}) => ({ model: 'gpt-5.5', input: 'Say hello.', ...over });
const post = (over: object = {}, path = PATH) => gateway.post(ask(over), { path });
const sent = () => upstream.received.at(-1)?.json() as Record<string, unknown>;

describe('a conversation that is kept', () => {
  const stored = async () => {
    const kept = await newPool(gateway, upstream, [{}], { storedResponses: true });
    return (body: object) => kept.post(ask(body), { path: PATH });
  };

  it('goes on from the response that the client names, streamed or not (C4)', async () => {
    const send = await stored();
    upstream.replyWith(say('One.', { responseId: 'resp_a' }), say('Two.', { responseId: 'resp_b' }), say('Three.'));
    await (await send({ input: 'first', stream: true })).text();
    const second = await jsonOf(await send({ input: 'second', previous_response_id: 'resp_a' }));
    expect(second.body).toMatchObject({ id: 'resp_b', previous_response_id: 'resp_a' });
    const third = await (await send({ input: 'third', stream: true, previous_response_id: 'resp_b' })).text();
    expect(eventsIn(third).at(-1)?.response).toMatchObject({ previous_response_id: 'resp_b' });
    expect(JSON.stringify(sent()['input'])).toMatch(/first.*One\..*second.*Two\..*third/);
    expect(sent()).not.toHaveProperty('previous_response_id');
  });

  it('is not kept when the client says so (C3)', async () => {
    const send = await stored();
    upstream.replyWith(say('One.', { responseId: 'resp_unkept' }));
    await (await send({ store: false })).text();
    const unknown = await jsonOf(await send({ previous_response_id: 'resp_unkept' }));
    expect([unknown.status, unknown.body]).toMatchObject([404, { error: { param: 'previous_response_id' } }]);
  });
});

describe('a conversation that is folded', () => {
  const trigger = { type: 'compaction_trigger' };
  const said = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] };

  it('by the compact endpoint comes back as items that the next request can begin with', async () => {
    const body = {
      output: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' }],
      usage: { input_tokens: 9, output_tokens: 2 },
    };
    upstream.replyWith(json(200, body), hello());
    const response = await post({ input: [said, trigger] }, `${PATH}/compact`);
    const compacted = (await jsonOf(response)).body;
    expect(compacted).toMatchObject({ object: 'response.compaction', output: body.output, usage: body.usage });
    expect(upstream.requests('compact').at(-1)?.json()).not.toHaveProperty('stream');
    expect(await settlementOf(gateway, response)).toMatchObject({
      route: `${PATH}/compact`,
      input_uncached: '9',
      output: '2',
    });

    const next = await post({ input: [...(compacted['output'] as object[]), said] });
    expect(next.status).toBe(200);
    expect(sent()['input']).toMatchObject([{ type: 'compaction', encrypted_content: 'sealed' }, { role: 'user' }]);
  });

  it.each([
    ['in a stream', true],
    ['as JSON', false],
  ])('by a trigger at its end is one item, %s (trap 38)', async (_, stream) => {
    upstream.replyWith(answer([reasoningPart('Folding'), message(['Beside it.'])]), compaction('sealed'));
    await post({ input: [said, trigger], stream }).then(async (unusable) => {
      expect([unusable.status, await unusable.json()]).toMatchObject([
        502,
        { error: { code: 'invalid_compaction_response' } },
      ]);
    });
    const response = await post({ input: [said, trigger], stream });
    const text = await response.text();
    const folded = stream ? eventsIn(text).at(-1)?.response : (JSON.parse(text) as object);
    expect(folded).toMatchObject({
      object: 'response',
      status: 'completed',
      output: [{ type: 'compaction', encrypted_content: 'sealed' }],
    });
    if (stream) expect(typesIn(text)).toEqual(['response.created', 'response.output_item.done', 'response.completed']);
    expect((sent()['input'] as object[]).at(-1)).toEqual(trigger);
    const row = await settlementOf(gateway, response);
    expect(row).toMatchObject({ route: `${PATH}/compact`, outcome: 'succeeded' });
    expect(await attemptsOf(gateway, row)).toHaveLength(1);
  });
});

describe('POST /v1/responses/input_tokens', () => {
  it('estimates without asking anybody', async () => {
    const calls = upstream.received.length;
    const count = async (over: object) => (await jsonOf(await post(over, `${PATH}/input_tokens`))).body;
    expect(await count({ input: 'abcdefgh' })).toEqual({ object: 'response.input_tokens', input_tokens: 2 });
    expect(upstream.received).toHaveLength(calls);
  });

  it('names a response that it cannot go on from', async () => {
    const refused = await post({ previous_response_id: 'resp_0' }, `${PATH}/input_tokens`);
    expect(await jsonOf(refused)).toMatchObject({ status: 400, body: { error: { param: 'previous_response_id' } } });
  });
});

import { PoolService } from '../../src/auth/index.js';
import { jsonOf, settlementOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import {
  json,
  reasoning,
  say,
  ScriptedUpstream,
  toolCall,
  type RecordedRequest,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const MESSAGES = '/v1/messages';
const hi = [{ role: 'user', content: 'Hi' }];
const asked = (over: object = {}) => ({ model: 'claude-sonnet-4-6', max_tokens: 200, messages: hi, ...over });
const send = (over: object = {}, path = MESSAGES) => gateway.post(asked(over), { path });
const requests = (): readonly RecordedRequest[] => upstream.requests('responses');
const last = (): RecordedRequest => {
  const request = requests().at(-1);
  if (request === undefined) throw new Error('Nothing reached the upstream.');
  return request;
};
const sent = (): Record<string, unknown> => last().json() as Record<string, unknown>;
beforeAll(async () => {
  await gateway.get(PoolService).createPool('test', { anthropicModels: [['claude-*', 'gpt-5.5']] });
});

describe('thinking and tools', () => {
  it('go round: the model gets its reasoning, its call and the result back, from the account that thought', async () => {
    upstream.replyWith(toolCall('look', { a: 1 }));
    const first = await jsonOf(await send({ thinking: { type: 'adaptive' }, tools: [{ name: 'look' }] }));
    expect(sent()).toMatchObject({ reasoning: { effort: 'medium', summary: 'auto' } });
    const account = last().accountId;
    const content = first.body['content'] as Record<string, unknown>[];
    expect(first.body).toMatchObject({
      content: [
        { type: 'thinking', signature: expect.any(String) as string },
        { type: 'tool_use', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
    });
    const result = { type: 'tool_result', tool_use_id: content[1]?.['id'], content: '42' };
    for (let turn = 0; turn < 4; turn += 1) {
      upstream.replyWith(say('So.'));
      const messages = [...hi, { role: 'assistant', content }, { role: 'user', content: [result] }];
      expect((await send({ messages, tools: [{ name: 'look' }] })).status).toBe(200);
      expect(sent()['input']).toMatchObject([
        { type: 'message' },
        { type: 'reasoning', encrypted_content: expect.any(String) as string },
        { type: 'function_call', call_id: result.tool_use_id, name: 'look', arguments: '{"a":1}' },
        { type: 'function_call_output', call_id: result.tool_use_id, output: '42' },
      ]);
      expect(sent()['input']).not.toContainEqual(expect.objectContaining({ id: expect.anything() as unknown }));
      expect(last().accountId).toBe(account);
    }
  });

  it('goes on without the reasoning when the account that serves now cannot read it (T27)', async () => {
    upstream.replyWith(reasoning('Hm.', 'So.'));
    const first = await jsonOf(await send({ thinking: { type: 'enabled', budget_tokens: 1024 } }));
    const error = { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' };
    upstream.replyWith(json(400, { error }), say('Fine.'));
    const before = requests().length;
    const messages = [...hi, { role: 'assistant', content: first.body['content'] }, ...hi];
    expect(await jsonOf(await send({ messages }))).toMatchObject({
      status: 200,
      body: { content: [{ text: 'Fine.' }] },
    });
    expect(requests().length - before).toBe(2);
    expect(sent()['input']).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }]);
  });
});

describe('POST /v1/messages/count_tokens', () => {
  const count = async (over: object) => (await jsonOf(await send(over, `${MESSAGES}/count_tokens`))).body;

  it('counts without a call, and says when to fold the conversation', async () => {
    const before = requests().length;
    expect(await count({ system: 'Be brief.' })).toEqual({
      input_tokens: expect.any(Number) as number,
      context_window: 272_000,
      auto_compact_token_limit: 244_800,
    });
    expect(requests()).toHaveLength(before);
  });

  it('counts about a token for each word, and none for the bytes of a picture (T12)', async () => {
    const words = async (content: unknown) => (await count({ messages: [{ role: 'user', content }] }))['input_tokens'];
    expect(await words('word '.repeat(1_000))).toBeLessThan(1_100);
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400_000) } };
    expect(await words([image])).toBeLessThan(2_000);
  });
});

describe('checkpoints', () => {
  const compacts = () => upstream.requests('compact');

  it('of a chat are one compaction, and go on as a system message in either protocol', async () => {
    const messages = [{ role: 'system', content: 'Be brief.' }, ...hi];
    const folded = await jsonOf(await gateway.post({ model: 'gpt-5.5', messages }, { path: '/v1/compact' }));
    const checkpoint = folded.body['checkpoint'] as string;
    expect(compacts().at(-1)?.json()).toMatchObject({
      model: 'gpt-5.5',
      input: [{ role: 'user', content: [{ text: 'Be brief.' }] }, { role: 'user' }],
      tools: [],
      parallel_tool_calls: false,
    });
    expect(compacts().at(-1)?.json()).not.toHaveProperty('stream');
    const [marker, items] = checkpoint.split('\n');
    expect(marker).not.toContain('{');
    expect(JSON.parse(items ?? '')).toMatchObject([{ type: 'compaction' }]);

    for (const [path, body] of [
      ['/v1/chat/completions', { model: 'gpt-5.5', messages: [{ role: 'system', content: checkpoint }, ...hi] }],
      [MESSAGES, asked({ system: checkpoint })],
    ] as const) {
      upstream.replyWith(say('On we go.'));
      expect((await gateway.post(body, { path })).status).toBe(200);
      expect(sent()['input']).toMatchObject([{ type: 'compaction' }, { role: 'user' }]);
      expect(sent()['instructions']).not.toContain('checkpoint');
    }
  });

  it('of a Messages conversation are also the text of a message', async () => {
    const answer = await send({ system: 'Be brief.', thinking: { type: 'enabled' } }, `${MESSAGES}/compact`);
    const { body } = await jsonOf(answer);
    expect(body).toMatchObject({ type: 'message', content: [{ type: 'text', text: body['checkpoint'] }] });
    expect(compacts().at(-1)?.json()).toMatchObject({
      model: 'gpt-5.5',
      input: [
        { role: 'user', content: [{ text: 'Be brief.' }] },
        { role: 'user', content: [{ text: 'Hi' }] },
      ],
      reasoning: { effort: 'high' },
    });
    expect(await settlementOf(gateway, answer)).toMatchObject({ route: `${MESSAGES}/compact`, outcome: 'succeeded' });
  });
});

describe('POST /v1/inspect', () => {
  const images = [{ image_url: 'data:image/png;base64,iVBORw0KGgo=' }];

  it('answers a question about pictures in text', async () => {
    upstream.replyWith(say('A cat.'));
    const answer = await gateway.post({ model: 'gpt-5.5', prompt: 'What is it?', images }, { path: '/v1/inspect' });
    expect(await jsonOf(answer)).toEqual({ status: 200, body: { content: 'A cat.' } });
    expect(sent()).toMatchObject({
      tools: [],
      input: [{ content: [{ type: 'input_text' }, { type: 'input_image' }] }],
    });
  });

  it('refuses a picture that it would have to fetch, in the form of OpenAI', async () => {
    const body = { model: 'gpt-5.5', prompt: 'What is it?', images: [{ image_url: 'https://a.test/b.png' }] };
    expect(await jsonOf(await gateway.post(body, { path: '/v1/inspect' }))).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', param: 'images[0].image_url' } },
    });
  });
});

import { randomUUID } from 'node:crypto';
import { KeyAdminService, type KeyPolicy } from '../../src/auth/index.js';
import { jsonOf, settlementOf } from '../support/calls.js';
import { CodexSocket, eventOf, turn } from '../support/codex-socket.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { ScriptedUpstream, type RecordedRequest } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const RESPONSES = '/v1/responses';
const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';

const newKey = async (policy: KeyPolicy) => {
  const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), policy);
  return { key, token };
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const post = (token: string, body: unknown, path?: string) =>
  gateway.post(body, { headers: bearer(token), ...(path === undefined ? {} : { path }) });
const last = (): RecordedRequest => {
  const request = upstream.received.at(-1);
  if (request === undefined) throw new Error('Nothing reached the upstream.');
  return request;
};
/** What reached the upstream of a call that was answered. */
const sent = async (token: string, body: unknown, path?: string): Promise<Record<string, unknown>> => {
  upstream.replyWith(hello());
  const answer = await post(token, body, path);
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  return last().json() as Record<string, unknown>;
};
const chat = (over: object = {}) => ({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }], ...over });
const messages = (over: object = {}) => ({ ...chat(over), max_tokens: 100 });

describe('a call of a key without a rule for it', () => {
  it('reaches the upstream byte for byte, over HTTP and in a turn', async () => {
    const { token } = await newKey({
      allowedModels: ['gpt-5*'],
      modelAliases: [['claude-*', 'gpt-5.4']],
      forcedModel: 'GPT-5.5',
      effort: { mode: 'clamp', effort: 'high' },
      serviceTier: 'auto',
      allowedAddresses: ['127.0.0.0/8', '::1'],
    });
    const body = '{"model":"gpt-5.5", "stream":true,"input":[{"n":1.0,"s":"\\u00e9"}],"reasoning":{"effort":"low"}}';
    await sent(token, body);
    expect(last().body.toString()).toBe(body);
    const socket = await CodexSocket.open(gateway, { key: token });
    upstream.replyWith(hello());
    const frame = `{"type":"response.create",${body.slice(1)}`;
    await socket.ask(frame);
    expect([last().body.toString(), last().transport]).toEqual([frame, 'websocket']);
    socket.drop();
  });
});

describe('the model of a key', () => {
  it('is the forced one, whoever asks and however', async () => {
    const { token } = await newKey({ forcedModel: 'gpt-5.4' });
    for (const [body, path] of [
      [ask(), undefined],
      [{ model: 'gpt-5.5', input: 'Hi' }, RESPONSES],
      [chat(), CHAT],
      [messages(), MESSAGES],
      [messages({ model: 'claude-of-tomorrow' }), MESSAGES],
    ] as const) {
      expect(await sent(token, body, path)).toMatchObject({ model: 'gpt-5.4' });
    }
    const socket = await CodexSocket.open(gateway, { key: token });
    upstream.replyWith(hello());
    await socket.ask(turn());
    expect([last().json(), last().transport]).toMatchObject([{ model: 'gpt-5.4' }, 'websocket']);
    socket.drop();
    const open = await CodexSocket.open(gateway, { key: token, path: RESPONSES });
    upstream.replyWith(hello());
    await open.ask(turn({ stream: undefined, input: 'Hi' }));
    expect(last().json()).toMatchObject({ type: 'response.create', model: 'gpt-5.4' });
    open.drop();
  });

  it('has the instructions of the model that serves', async () => {
    const { token } = await newKey({ forcedModel: 'gpt-5.4' });
    const plain = await newKey({});
    const forced = await sent(token, chat(), CHAT);
    expect(forced['instructions']).toBe((await sent(plain.token, chat({ model: 'gpt-5.4' }), CHAT))['instructions']);
  });

  it('is not in the way of a warm-up', async () => {
    const { token } = await newKey({ allowedModels: ['gpt-5.4'], modelAliases: [['fast', 'gpt-5.4']] });
    const socket = await CodexSocket.open(gateway, { key: token });
    const answer = await socket.ask(turn({ model: 'fast', generate: false }));
    expect(eventOf(answer.at(-1) ?? '{}').type).toBe('response.completed');
    socket.drop();
  });

  it('is told by an alias, and has to be allowed by the name that serves', async () => {
    const { token } = await newKey({
      allowedModels: ['gpt-5.4*'],
      modelAliases: [
        ['claude-*', 'gpt-5.4'],
        ['quick', 'gpt-5.5'],
      ],
    });
    expect(await sent(token, messages({ model: 'claude-opus-9' }), MESSAGES)).toMatchObject({ model: 'gpt-5.4' });
    expect(await sent(token, ask({ model: 'Claude-X' }))).toMatchObject({ model: 'gpt-5.4' });
    const answer = await post(token, ask({ model: 'quick' }));
    expect([answer.status, await answer.json()]).toEqual([403, refusal('model_not_allowed', 'model')]);
  });

  it('is the one of an alias for native images, in otherwise the same body', async () => {
    const { token } = await newKey({ modelAliases: [['pic', 'gpt-image-2']] });
    const path = '/backend-api/codex/images/generations';
    await (await post(token, { model: 'pic', prompt: 'a red square' }, path)).text();
    const request = upstream.requests('images').at(-1);
    expect(request?.json()).toEqual({ model: 'gpt-image-2', prompt: 'a red square' });
  });

  it('is never another one than the forced one for native images', async () => {
    const { token } = await newKey({ forcedModel: 'gpt-5.5' });
    const before = upstream.count('images');
    const path = '/backend-api/codex/images/generations';
    const answer = await post(token, { model: 'gpt-image-2', prompt: 'a red square' }, path);
    expect([answer.status, await answer.json()]).toEqual([403, refusal('model_not_allowed', 'model')]);
    expect(upstream.count('images')).toBe(before);
  });

  it.each(['/v1/models', '/backend-api/codex/models'])('is in the list of %s when a pattern fits', async (path) => {
    const { token } = await newKey({ allowedModels: ['*-5.5'] });
    const answer = await fetch(`${gateway.url}${path}`, { headers: bearer(token) });
    const { data } = (await answer.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['gpt-5.5']);
  });
});

describe('the reasoning effort of a key', () => {
  const effortOf = ({ reasoning }: Record<string, unknown>) => (reasoning as { effort?: string } | undefined)?.effort;
  const high = { reasoning: { effort: 'high' } };

  it('is replaced, lowered or left as it is', async () => {
    const always = await newKey({ effort: { mode: 'always', effort: 'low' } });
    const clamp = await newKey({ effort: { mode: 'clamp', effort: 'medium' } });
    expect(effortOf(await sent(always.token, ask(high)))).toBe('low');
    expect(effortOf(await sent(always.token, chat(), CHAT))).toBe('low');
    expect(effortOf(await sent(clamp.token, ask(high)))).toBe('medium');
    expect(effortOf(await sent(clamp.token, chat({ reasoning_effort: 'high' }), CHAT))).toBe('medium');
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    expect(effortOf(await sent(clamp.token, messages({ thinking }), MESSAGES))).toBe('medium');
    expect(effortOf(await sent(clamp.token, ask({ reasoning: { effort: 'low' } })))).toBe('low');
  });

  it('is refused above the highest, in the words of the caller, with a row and no upstream call', async () => {
    const { token } = await newKey({ effort: { mode: 'up_to', effort: 'medium' } });
    const before = upstream.count('responses');
    const code = 'reasoning_effort_not_allowed';
    for (const [body, path, param] of [
      [ask(high), undefined, 'reasoning.effort'],
      [{ model: 'gpt-5.5', input: 'Hi', ...high }, RESPONSES, 'reasoning.effort'],
      [chat({ reasoning_effort: 'high' }), CHAT, 'reasoning_effort'],
    ] as const) {
      const answer = await post(token, body, path);
      expect(await jsonOf(answer)).toMatchObject({ status: 400, body: { error: { code, param } } });
      const row = await settlementOf(gateway, answer);
      expect(row).toMatchObject({ error_code: code, attempt_count: 0, usage_known: false });
    }
    const answer = await post(token, messages({ output_config: { effort: 'high' } }), MESSAGES);
    expect(await jsonOf(answer)).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
    const socket = await CodexSocket.open(gateway, { key: token });
    const [frame = '{}'] = await socket.ask(turn(high));
    expect(eventOf(frame)).toMatchObject({ type: 'error', status: 400, error: { code, param: 'reasoning.effort' } });
    socket.drop();
    expect(upstream.count('responses')).toBe(before);
    expect(effortOf(await sent(token, ask({ reasoning: { effort: 'medium' } })))).toBe('medium');
    expect(effortOf(await sent(token, ask()))).toBeUndefined();
  });
});

describe('the service tier of a key', () => {
  it('takes the place of what is asked for', async () => {
    const { token } = await newKey({ serviceTier: 'fast' });
    expect(await sent(token, ask({ service_tier: 'flex' }))).toMatchObject({ service_tier: 'priority' });
    expect(await sent(token, chat(), CHAT)).toMatchObject({ service_tier: 'priority' });
    const slow = await newKey({ serviceTier: 'default' });
    expect(await sent(slow.token, ask({ service_tier: 'priority' }))).not.toHaveProperty('service_tier');
  });
});

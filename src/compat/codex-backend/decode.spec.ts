import { GatewayError, type CallId } from '../../core/index.js';
import { decode } from './decode.js';

const received = (headers: Record<string, string> = {}) => ({
  id: 'call' as CallId,
  transport: 'http' as const,
  requestId: 'req',
  receivedAtMs: 1,
  route: '/backend-api/codex/responses',
  headers,
});

const decoded = (body: object, headers?: Record<string, string>, pool: { defaultModel?: string } = {}) => {
  const bytes = Buffer.from(JSON.stringify(body));
  return { call: decode(body as Record<string, unknown>, bytes, received(headers), pool), bytes };
};

const ask = { model: 'gpt-5.5', stream: true, input: [{ type: 'message', role: 'user', content: 'hi' }] };
const sent = (body: object) => JSON.parse(decoded(body).call.body.bytes.toString()) as Record<string, unknown>;

const refusal = (body: object): { code: string; param: string | undefined } => {
  try {
    decoded(body);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.detail.param };
    throw error;
  }
  throw new Error('was accepted');
};

describe('decode', () => {
  it('keeps the effort that the client named where the backend has another word for it', () => {
    const asked = (effort: string) => decoded({ ...ask, reasoning: { effort } }).call.askedEffort;
    expect(['ultra', 'minimal', 'high'].map(asked)).toEqual(['ultra', 'minimal', undefined]);
    expect(decoded(ask).call).not.toHaveProperty('askedEffort');
  });

  it('tells a request that asks for compaction from an ordinary one, and accounts it as such', () => {
    const trigger = { type: 'compaction_trigger' };
    const { call, bytes } = decoded({ ...ask, input: [...ask.input, trigger] });
    expect([call.operation, call.route, call.stream]).toEqual([
      'compaction',
      '/backend-api/codex/responses/compact',
      true,
    ]);
    expect(call.body.bytes).toBe(bytes);
    expect(decoded(ask).call).toMatchObject({ operation: 'responses', route: '/backend-api/codex/responses' });
    expect(refusal({ ...ask, input: [trigger, ...ask.input] })).toEqual({ code: 'invalid_request', param: 'input' });
  });

  it('keeps the very bytes of a request in which nothing has to change (trap 11)', () => {
    const { call, bytes } = decoded({ ...ask, unknown_field: { keep: [1.0, 'ü'] }, service_tier: 'priority' });
    expect(call.body.bytes).toBe(bytes);
  });

  it.each([
    [{ input: [] }, 'model'],
    [{ model: 5, input: [] }, 'model'],
    [{ model: ' ', input: [] }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: 'text' }, 'input'],
    [{ model: 'm', input: [], tools: {} }, 'tools'],
    [{ model: 'm', input: [], stream: 'yes' }, 'stream'],
    [{ model: 'm', input: [], prompt_cache_key: 1 }, 'prompt_cache_key'],
  ])('refuses %j and names the field', (body, param) => {
    expect(refusal(body)).toEqual({ code: 'invalid_request', param });
  });

  it("fills in the Pool's default model", () => {
    const { call } = decoded({ input: [] }, {}, { defaultModel: 'gpt-5.4' });
    expect(call.model).toBe('gpt-5.4');
    expect(JSON.parse(call.body.bytes.toString())).toEqual({ input: [], model: 'gpt-5.4' });
  });

  it.each([
    [{ 'session-id': 'a', session_id: 'b' }, undefined, 'a'],
    [{ session_id: 'b', 'thread-id': 'c' }, undefined, 'b'],
    [{ 'thread-id': 'c' }, 'key', 'c'],
    [{ 'x-codex-window-id': 'w:0' }, 'key', 'w:0'],
    [{ 'session-id': '  ' }, 'key', 'key'],
    [{}, 'key', 'key'],
    [{}, undefined, undefined],
  ])('takes the session from %j and cache key %s', (headers, cacheKey, session) => {
    const body = cacheKey === undefined ? ask : { ...ask, prompt_cache_key: cacheKey };
    expect(decoded(body, headers as Record<string, string>).call.session).toBe(session);
  });

  it("passes on the client's own headers and nothing else", () => {
    const { call } = decoded(ask, {
      originator: 'codex_exec',
      'user-agent': 'codex_exec/0.169.0',
      'session-id': 's',
      'x-codex-turn-metadata': '{}',
      'x-openai-subagent': 'review',
      authorization: 'Bearer secret',
      cookie: 'a=b',
      'chatgpt-account-id': 'other',
      'x-forwarded-for': '10.0.0.1',
      'x-openai-internal-codex-residency': 'eu',
      host: 'gateway',
      'content-length': '10',
    });
    expect(call.headers).toEqual({
      originator: 'codex_exec',
      'user-agent': 'codex_exec/0.169.0',
      'session-id': 's',
      'x-codex-turn-metadata': '{}',
      'x-openai-subagent': 'review',
    });
  });

  it.each([
    ['max_output_tokens', 5],
    ['temperature', 1],
    ['top_p', 1],
    ['prompt_cache_retention', '24h'],
    ['prompt_cache_options', {}],
    ['safety_identifier', 'x'],
    ['truncation', 'auto'],
  ])('drops %s, which the backend refuses, and leaves the rest as it was (trap 20)', (name, value) => {
    const kept = { ...ask, extra: 1 };
    expect(sent({ [name]: value, ...kept })).toEqual(kept);
  });

  it('drops them from a websocket turn as well (trap 20)', () => {
    const kept = { type: 'response.create', ...ask };
    const body = { ...kept, max_output_tokens: 5, truncation: 'auto' };
    const { body: wanted } = decode(body, Buffer.from(''), { ...received(), transport: 'websocket' }, {});
    expect(JSON.parse(wanted.bytes.toString())).toEqual(kept);
  });

  it.each([
    ['fast', { service_tier: 'priority' }],
    ['auto', {}],
    ['default', {}],
    ['flex', { service_tier: 'flex' }],
  ])('spells the service tier %s as the backend does (trap 31)', (tier, expected) => {
    expect(sent({ ...ask, service_tier: tier })).toEqual({ ...ask, ...expected });
  });

  it.each([
    ['minimal', 'low'],
    ['ultra', 'max'],
    ['high', 'high'],
  ])('spells the effort %s as the backend does: %s (trap 31)', (effort, expected) => {
    const reasoning = { effort, summary: 'auto' };
    expect(sent({ ...ask, reasoning })).toEqual({ ...ask, reasoning: { effort: expected, summary: 'auto' } });
  });

  it('drops previous_response_id over HTTP unless a tool result continues it, and adds none (trap 28)', () => {
    expect(sent({ ...ask, previous_response_id: 'resp_1' })).toEqual(ask);
    const toolResult = { type: 'function_call_output', call_id: 'call_1', output: 'x' };
    const continued = { ...ask, input: [toolResult], previous_response_id: 'resp_1' };
    expect(sent(continued)).toEqual(continued);
    expect(sent({ ...ask, input: [toolResult] })).not.toHaveProperty('previous_response_id');
  });

  it.each([{ previous_response_id: 'resp_1' }, {}])('keeps a websocket turn with %j as it is (trap 28)', (over) => {
    const body = { type: 'response.create', ...ask, ...over };
    const bytes = Buffer.from(JSON.stringify(body));
    expect(decode(body, bytes, { ...received(), transport: 'websocket' }, {}).body.bytes).toBe(bytes);
  });

  it('gives the body up when it is told to', () => {
    const { call } = decoded(ask);
    call.body.release();
    expect(() => call.body.bytes).toThrow('released');
  });
});

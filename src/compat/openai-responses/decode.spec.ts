import { refusalOf } from '../../../test/support/refusal.js';
import type { Fields } from '../../core/index.js';
import { decodeResponses } from './decode.js';
import type { DecodeContext } from './decoded.js';

const POOL = { defaultModel: 'gpt-5.5' };
const decode = (body: Fields, context: Partial<DecodeContext> = {}) =>
  decodeResponses(body, { pool: POOL, headers: {}, transport: 'http', ...context });
const refused = (body: Fields, context: Partial<DecodeContext> = {}) => refusalOf(() => decode(body, context));
const hi = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];
const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };

describe('a Responses request', () => {
  it.each(['Hi', { role: 'user', content: 'Hi' }, [{ content: 'Hi' }], hi])('asks with %j', (input) => {
    expect(decode({ input }).wanted).toEqual({ model: 'gpt-5.5', input: hi, fields: {} });
  });

  it.each([undefined, null, 5, [], [null], ['Hi']])('cannot ask with %j', (input) => {
    expect(refused({ input })).toMatchObject({ code: 'invalid_request', param: 'input' });
  });

  it('names its model, with or without the provider', () => {
    expect(decode({ model: 'openai/gpt-5.3-codex', input: 'Hi' }).wanted.model).toBe('gpt-5.3-codex');
    expect(refused({ input: 'Hi' }, { pool: {} })).toMatchObject({ code: 'invalid_request', param: 'model' });
  });

  it('carries what the client said, and nothing that it did not', () => {
    const fields = {
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      client_metadata: { session_id: 's' },
      include: ['file_search_call.results'],
      prompt_cache_key: 'k',
      text: { verbosity: 'high' },
      temperature: 0.2,
      top_p: 0.9,
      max_output_tokens: 64,
      reasoning: { effort: 'high', summary: 'auto' },
      moderation: { model: 'omni' },
      service_tier: 'fast',
      stream_options: { include_obfuscation: false },
      truncation: 'auto',
      safety_identifier: 'u',
      prompt_cache_retention: '24h',
      user: 'u',
      tool_choice: 'auto',
      tools: [],
    };
    const others = {
      prompt_cache_options: { mode: 'explicit', ttl: '30m' },
      background: false,
      instructions: 'Be brief.',
    };
    expect(decode({ input: 'Hi', ...fields, ...others }).wanted).toEqual({
      model: 'gpt-5.5',
      input: hi,
      instructions: 'Be brief.',
      fields,
    });
  });

  it('may leave anything null', () => {
    const names = [
      'instructions',
      'stream',
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'service_tier',
      'prompt',
      'user',
    ];
    const body = Object.fromEntries(
      [...names, 'previous_response_id', 'subagent', 'metadata'].map((name) => [name, null]),
    );
    expect(decode({ input: 'Hi', ...body }).wanted).toEqual({ model: 'gpt-5.5', input: hi, fields: {} });
  });

  it.each([
    ['logprobs', true],
    ['top_logprobs', 2],
    ['background', true],
    ['context_management', []],
    ['conversation', 'conv_1'],
    ['max_tool_calls', 3],
    ['prompt', { id: 'pmpt_1' }],
    ['seed', 1],
    ['messages', []],
    ['constructor', 1],
  ])('is refused with %s, which cannot be honoured', (name, value) => {
    expect(refused({ input: 'Hi', [name]: value })).toMatchObject({ code: 'unsupported_parameter', param: name });
  });

  it.each([
    ['instructions', ['a']],
    ['stream', 'yes'],
    ['parallel_tool_calls', 1],
    ['metadata', []],
    ['client_metadata', 'a'],
    ['include', 'reasoning'],
    ['prompt_cache_key', 5],
    ['prompt_cache_options', { mode: 'always' }],
    ['prompt_cache_options', { mode: 'implicit', ttl: '1h' }],
    ['temperature', '0.5'],
    ['max_output_tokens', 0],
    ['max_output_tokens', 1.5],
    ['moderation', {}],
    ['moderation', { model: 'm', more: 1 }],
    ['service_tier', 'slow'],
    ['stream_options', { include_usage: true }],
    ['truncation', 'middle'],
    ['previous_response_id', ''],
    ['previous_response_id', 5],
    ['tools', {}],
    ['tool_choice', 'any'],
    ['memgen_request', 'yes'],
    ['subagent', {}],
  ])('is refused with a wrong %s: %j', (name, value) => {
    expect(refused({ input: 'Hi', [name]: value })).toMatchObject({ code: 'invalid_request', param: name });
  });

  it('is refused for the first of several mistakes', () => {
    const mistakes: readonly (readonly [param: string, body: Fields])[] = [
      ['logprobs', { logprobs: true }],
      ['seed', { seed: 1 }],
      ['model', { model: 5 }],
      ['prompt', { prompt: {} }],
      ['prompt_cache_options', { prompt_cache_options: [] }],
      ['input', { input: [] }],
      ['previous_response_id', { previous_response_id: 5 }],
      ['tools', { tools: [5] }],
      ['text.verbosity', { text: { verbosity: 5 } }],
      ['tool_choice', { tool_choice: 5 }],
      ['stream', { stream: 5 }],
    ];
    const params = mistakes.map((_, index) => {
      const left = mistakes.slice(index).map(([, body]) => body);
      return refused(left.reduce<Fields>((body, mistake) => ({ ...body, ...mistake }), { input: 'Hi' }))?.param;
    });
    expect(params).toEqual(mistakes.map(([param]) => param));
  });

  it('is refused when it is nested without end', () => {
    const depth = 100_000;
    const metadata = JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as Fields;
    expect(refused({ input: 'Hi', metadata })).toMatchObject({ code: 'invalid_request' });
  });

  it('says whether it is kept and streamed; what it goes on from is between others', () => {
    expect(decode({ input: 'Hi' })).toMatchObject({ store: true, stream: false, folds: false, own: hi });
    const decoded = decode({ input: 'Hi', store: false, stream: true, previous_response_id: 'resp_1' });
    expect(decoded).toMatchObject({ store: false, stream: true });
    expect(decoded.wanted.fields).toEqual({});
  });

  it('says which sub-agent or memory job makes it', () => {
    const { headers, wanted } = decode({ input: 'Hi', subagent: 'review', memgen_request: true });
    expect(headers).toEqual({ 'x-openai-subagent': 'review', 'x-openai-memgen-request': 'true' });
    expect(wanted.fields).toEqual({});
  });

  it('is refused at the very place where a strict schema is wrong (trap 22)', () => {
    const format = { type: 'json_schema', name: 'a', strict: true, schema: { ...schema, type: 'array' } };
    expect(refused({ input: 'Hi', text: { format } })).toMatchObject({ param: 'text.format.schema.type' });
    const tool = { type: 'function', name: 'a', strict: true, parameters: { ...schema, $ref: '#' } };
    expect(refused({ input: 'Hi', tools: [tool] })).toMatchObject({ param: 'tools.0.parameters.$ref' });
  });

  it('tells which namespace its custom tools belong to, wherever they are declared (trap 30)', () => {
    const space = (name: string, tool: string) => ({
      type: 'namespace',
      name,
      description: 'Tools',
      tools: [{ type: 'custom', name: tool }],
    });
    const input = [{ type: 'additional_tools', role: 'developer', tools: [space('files', 'patch')] }, ...hi];
    const decoded = decode({ input, tools: [space('shell', 'run')], tool_choice: { type: 'custom', name: 'patch' } });
    expect([...decoded.namespaces]).toEqual([
      ['run', 'shell'],
      ['patch', 'files'],
    ]);
  });
});

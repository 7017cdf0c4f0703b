import type { IncomingHttpHeaders } from 'node:http';
import type { Fields } from '../../core/index.js';
import { decodeChat } from './decode.js';

const messages = [{ role: 'user', content: 'Hi' }];
const decode = (body: Fields, headers: IncomingHttpHeaders = {}) =>
  decodeChat({ model: 'gpt-5.4', messages, ...body }, { pool: {}, headers });
const fieldsOf = (body: Fields) => decode(body).translated.wanted.fields;
const shapeOf = (body: Fields) => decode(body).shape;

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Look it up.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const { function: flat } = weather;

describe('a chat request', () => {
  it('asks for nothing that its client did not', () => {
    const { translated, shape, store, previousResponseId } = decode({});
    expect(translated.wanted).toEqual({
      model: 'gpt-5.4',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      fields: {},
    });
    expect([translated.stream, store, previousResponseId]).toEqual([false, undefined, undefined]);
    expect(shape).toEqual({ model: 'gpt-5.4', choices: 1, stops: [], includesUsage: false, legacyFunctions: false });
  });

  it('takes the default model of its Pool, and names without their provider', () => {
    const modelOf = (body: Fields, defaultModel?: string) =>
      decodeChat({ messages, ...body }, { pool: defaultModel === undefined ? {} : { defaultModel }, headers: {} })
        .translated.wanted.model;
    expect(modelOf({}, 'gpt-5.5')).toBe('gpt-5.5');
    expect(modelOf({ model: 'openai/gpt-5.3-codex' })).toBe('gpt-5.3-codex');
    expect(() => modelOf({})).toThrow(expect.objectContaining({ detail: { param: 'model' } }) as Error);
  });

  it('forwards sampling, tier, metadata of the client and cache key, and never a limit, a stop or the user (T5)', () => {
    const forwarded = {
      temperature: 0.2,
      top_p: 0.9,
      service_tier: 'priority',
      parallel_tool_calls: false,
      client_metadata: { a: 'b' },
      prompt_cache_key: 'k',
      moderation: { model: 'omni' },
    };
    const kept = {
      max_tokens: 5,
      max_completion_tokens: 6,
      stop: 'x',
      user: 'u',
      seed: 1,
      n: 2,
      logit_bias: { 1: 2 },
      frequency_penalty: 0,
      presence_penalty: 0,
      logprobs: false,
      top_logprobs: 0,
      modalities: ['text'],
      metadata: { k: 'v' },
      store: true,
      safety_identifier: 's',
      prompt_cache_retention: '24h',
      stream_options: { include_usage: true, include_obfuscation: false },
    };
    // A limit of tokens is told apart from the body: the backend refuses it, but a key's limits count by it.
    expect(fieldsOf({ ...forwarded, ...kept })).toEqual({ ...forwarded, max_output_tokens: 6 });
  });

  it('falls back on the session of client_metadata as its cache key', () => {
    expect(fieldsOf({ client_metadata: { session_id: 's1' } })).toMatchObject({ prompt_cache_key: 's1' });
    expect(fieldsOf({ client_metadata: { session_id: 's1' }, prompt_cache_key: 'k' })).toMatchObject({
      prompt_cache_key: 'k',
    });
  });

  it('takes null for a field that was not set', () => {
    const nothing = Object.fromEntries(
      ['tools', 'stop', 'n', 'logprobs', 'audio', 'metadata', 'response_format', 'unheard_of'].map((name) => [
        name,
        null,
      ]),
    );
    expect(fieldsOf(nothing)).toEqual({});
  });

  it('says what it wants of the answer’s form', () => {
    expect(
      shapeOf({ n: 3, stop: ['a', '', 'b'], stream_options: { include_usage: true }, metadata: { k: 'v' } }),
    ).toEqual({
      model: 'gpt-5.4',
      choices: 3,
      stops: ['a', 'b'],
      includesUsage: true,
      legacyFunctions: false,
      metadata: { k: 'v' },
    });
    expect(shapeOf({ stop: 'END' }).stops).toEqual(['END']);
  });

  it.each([
    [{ reasoning_effort: ' HIGH ' }, { effort: 'high', summary: 'auto' }],
    [{ reasoning_effort: 'none' }, { effort: 'none' }],
    [
      { reasoning_effort: 'low', reasoning: { effort: 'xhigh', summary: 'auto' } },
      { effort: 'xhigh', summary: 'auto' },
    ],
    [
      { reasoning_effort: 'low', reasoning: { context: 'all_turns' } },
      { effort: 'low', context: 'all_turns', summary: 'auto' },
    ],
  ])('reasons as %j says', (body, reasoning) => {
    expect(fieldsOf(body)).toEqual({ reasoning });
  });

  it.each([
    [{ response_format: { type: 'json_object' } }, { format: { type: 'json_object' } }],
    [
      { response_format: { type: 'text' }, verbosity: 'high' },
      { format: { type: 'text' }, verbosity: 'high' },
    ],
    [
      { text: { verbosity: 'high', format: { type: 'json_object' } } },
      { verbosity: 'high', format: { type: 'json_object' } },
    ],
    [
      { response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' }, strict: null } } },
      { format: { type: 'json_schema', name: 'response', schema: { type: 'object' } } },
    ],
    [
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'r', schema: { a: 1 }, strict: false, description: 'd' },
        },
      },
      { format: { type: 'json_schema', name: 'r', schema: { a: 1 }, strict: false, description: 'd' } },
    ],
  ])('answers in the form of %j', (body, text) => {
    expect(fieldsOf(body)).toEqual({ text });
  });

  it('has its tools in the backend’s flat form, strict ones strict', () => {
    const strict = {
      ...flat,
      strict: true,
      parameters: { ...flat.parameters, additionalProperties: false },
    };
    const grammar = { syntax: 'lark', definition: 'start: "a"' };
    expect(
      fieldsOf({
        tools: [
          weather,
          { type: 'function', function: { ...strict, name: 'probe' } },
          { type: 'function', function: { name: 'bare', strict: null } },
          { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar } } },
          { type: 'image_generation' },
        ],
        tool_choice: { type: 'function', function: { name: 'weather' } },
      }),
    ).toMatchObject({
      tools: [
        { type: 'function', name: 'weather', description: 'Look it up.' },
        { type: 'function', name: 'probe', strict: true, parameters: strict.parameters },
        { type: 'function', name: 'bare', parameters: { type: 'object', properties: {} } },
        { type: 'custom', name: 'patch', format: { type: 'grammar', ...grammar } },
        { type: 'image_generation' },
      ],
      tool_choice: { type: 'function', name: 'weather' },
    });
  });

  it.each(['none', 'auto', 'required'])('leaves the tool choice %j as it is', (choice) => {
    expect(fieldsOf({ tools: [weather], tool_choice: choice })).toMatchObject({ tool_choice: choice });
  });

  it('names a custom tool as the backend does (T6)', () => {
    const tools = [{ type: 'custom', custom: { name: 'patch' } }];
    expect(fieldsOf({ tools, tool_choice: { type: 'custom', custom: { name: 'patch' } } })).toMatchObject({
      tool_choice: { type: 'custom', name: 'patch' },
    });
  });

  it('has functions as tools, one call at a time, and is answered in their words', () => {
    const body = { functions: [flat], function_call: { name: 'weather' } };
    expect(fieldsOf(body)).toMatchObject({
      tools: [{ type: 'function', name: 'weather' }],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: false,
    });
    expect(shapeOf(body).legacyFunctions).toBe(true);
    expect(shapeOf({ ...body, tools: [{ type: 'custom', custom: { name: 'patch' } }] }).legacyFunctions).toBe(false);
    expect(fieldsOf({ functions: [flat], function_call: 'none' })).toMatchObject({ tool_choice: 'none' });
  });

  it('has a function once that is told as a tool too, as the tool', () => {
    const tools = [{ type: 'function', function: { ...flat, description: 'As a tool.' } }];
    const { tools: known } = fieldsOf({ functions: [flat, { ...flat, name: 'other' }], tools });
    expect(known).toMatchObject([{ name: 'weather', description: 'As a tool.' }, { name: 'other' }]);
  });

  it('tells of the sub-agent that makes it', () => {
    expect(decode({ subagent: 'review' }, { 'x-openai-memgen-request': '0' }).translated.headers).toEqual({
      'x-openai-subagent': 'review',
      'x-openai-memgen-request': 'false',
    });
  });

  it('names what it goes on from, and says whether it is to be kept', () => {
    expect(decode({ previous_response_id: 'resp_1', store: false })).toMatchObject({
      previousResponseId: 'resp_1',
      store: false,
    });
  });

  it('may be a Responses request that came to the wrong route, answered as a chat', () => {
    const { translated, shape, own } = decode({
      messages: [],
      input: 'Hi',
      instructions: 'Terse.',
      max_output_tokens: 7,
      reasoning_effort: 'low',
      stream: true,
      n: 2,
    });
    const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];
    expect(translated).toMatchObject({
      stream: true,
      wanted: {
        model: 'gpt-5.4',
        input,
        instructions: 'Terse.',
        fields: { reasoning: { effort: 'low', summary: 'auto' } },
      },
    });
    expect(own).toEqual(input);
    expect(shape).toMatchObject({ choices: 2 });
  });
});

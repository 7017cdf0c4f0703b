import type { Fields, GatewayError } from '../../core/index.js';
import { decodeChat } from './decode.js';

const messages = [{ role: 'user', content: 'Hi' }];
const decode = (body: Fields) => decodeChat({ model: 'gpt-5.4', messages, ...body }, { pool: {}, headers: {} });

const refusal = (body: Fields): [string, unknown] => {
  try {
    decode(body);
  } catch (error) {
    const { code, detail } = error as GatewayError;
    return [code, detail.param];
  }
  return ['none', undefined];
};

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
  it.each<[Fields, string]>([
    [{ logprobs: true }, 'logprobs'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ audio: { voice: 'x' } }, 'audio'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ prediction: { type: 'content' } }, 'prediction'],
    [{ frequency_penalty: 0.5 }, 'frequency_penalty'],
    [{ presence_penalty: -1 }, 'presence_penalty'],
    [{ web_search_options: {} }, 'web_search_options'],
    [{ top_k: 5 }, 'top_k'],
    [{ stream_options: { include_everything: true } }, 'stream_options.include_everything'],
    [{ response_format: { type: 'xml' } }, 'response_format'],
    [{ messages: [], input: 'Hi', logprobs: true }, 'logprobs'],
  ])('cannot honour %j, and says so', (body, param) => {
    expect(refusal(body)).toEqual(['unsupported_parameter', param]);
  });

  it.each<[Fields, string]>([
    [{ messages: null }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'Hi' }, 'messages'],
    [{ model: 7 }, 'model'],
    [{ n: 0 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ n: 129 }, 'n'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    [{ stop: [1] }, 'stop'],
    [{ stop: {} }, 'stop'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_completion_tokens: '5' }, 'max_completion_tokens'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: true }, 'stream_options'],
    [{ stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ store: 'yes' }, 'store'],
    [{ metadata: 'nope' }, 'metadata'],
    [{ client_metadata: [] }, 'client_metadata'],
    [{ service_tier: 'ultrafast' }, 'service_tier'],
    [{ parallel_tool_calls: 1 }, 'parallel_tool_calls'],
    [{ prompt_cache_key: {} }, 'prompt_cache_key'],
    [{ previous_response_id: '' }, 'previous_response_id'],
    [{ moderation: {} }, 'moderation'],
    [{ verbosity: 'loud' }, 'verbosity'],
    [{ text: 'plain' }, 'text'],
    [{ reasoning_effort: 'not a level!' }, 'reasoning_effort'],
    [{ reasoning: { effort: 5 } }, 'reasoning.effort'],
    [{ response_format: 'json' }, 'response_format'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema.schema'],
    [{ response_format: { type: 'json_schema', json_schema: 5 } }, 'response_format.json_schema'],
    [{ tools: {} }, 'tools'],
    [{ tools: [weather, weather] }, 'tools'],
    [{ tools: [{ type: 'function', function: 'x' }] }, 'tools'],
    [{ tools: [{ type: 'file_search' }] }, 'tools'],
    [{ tools: [weather], tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice'],
    [{ tools: [weather], tool_choice: { type: 'allowed_tools', allowed_tools: {} } }, 'tool_choice'],
    [{ functions: {} }, 'functions'],
    [{ functions: ['f'] }, 'functions.0'],
    [{ functions: [flat], function_call: 7 }, 'function_call'],
    [{ subagent: 5 }, 'subagent'],
  ])('is refused as %j, and the field is named', (body, param) => {
    expect(refusal(body)).toEqual(['invalid_request', param]);
  });

  it('is refused when it is nested deeper than anything is meant', () => {
    const nested = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    expect(refusal({ messages: [{ role: 'user', content: nested }] })).toEqual(['invalid_request', undefined]);
  });

  it('names the place in a strict schema that the backend would refuse (trap 22)', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const format = { type: 'json_schema', json_schema: { name: 'r', strict: true, schema } };
    expect(refusal({ response_format: format })).toEqual([
      'invalid_json_schema',
      expect.stringContaining('text.format.schema'),
    ]);
    expect(
      refusal({ tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: schema } }] }),
    ).toEqual(['invalid_function_parameters', expect.stringContaining('tools.0.parameters')]);
  });
});

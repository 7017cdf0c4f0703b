import type { Fields } from '../../core/index.js';
import { decoded, HI, type Given } from '../../../test/support/anthropic-requests.js';

const fields = (body: object, given?: Given) => decoded(body, given).translated.wanted.fields;
const refused = (body: object, param: string, code = 'invalid_request') =>
  expect(() => decoded(body)).toThrow(expect.objectContaining({ code, detail: { param } }) as Error);

describe('tools', () => {
  it('are functions that are not strict; nameless ones are left out', () => {
    const tool = {
      name: 'look',
      description: 'Looks.',
      input_schema: { $schema: 'x', type: 'object' },
      cache_control: {},
    };
    expect(fields({ tools: [tool, { description: 'nameless' }, { type: 'custom', name: 'bare' }] })['tools']).toEqual([
      {
        type: 'function',
        name: 'look',
        description: 'Looks.',
        parameters: { type: 'object', properties: {} },
        strict: false,
      },
      { type: 'function', name: 'bare', parameters: { type: 'object', properties: {} }, strict: false },
    ]);
  });

  it.each(['web_search_20250305', 'bash_20250124', 'computer_20250124'])('of type %s are refused (C18)', (type) => {
    refused({ tools: [{ type, name: 'x' }] }, 'tools.0.type', 'unsupported_parameter');
  });

  it.each([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'any' }, { tool_choice: 'required' }],
    [{ type: 'none' }, { tool_choice: 'none' }],
    [{ type: 'tool', name: 'look' }, { tool_choice: { type: 'function', name: 'look' } }],
    [
      { type: 'auto', disable_parallel_tool_use: true },
      { tool_choice: 'auto', parallel_tool_calls: false },
    ],
  ])('are chosen by %j as %j (T6)', (choice, expected) => {
    expect(fields({ tool_choice: choice })).toMatchObject(expected);
  });

  it('have one name in the tools, the choice and the history, and their own in the answer', () => {
    const name = `mcp__${'x'.repeat(80)}`;
    const history = { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name, input: {} }] };
    const { translated, names } = decoded({
      messages: [...HI, history],
      tools: [{ name }],
      tool_choice: { type: 'tool', name },
    });
    const [tool] = translated.wanted.fields['tools'] as { name: string }[];
    expect(translated.wanted.fields['tool_choice']).toEqual({ type: 'function', name: tool?.name });
    expect(translated.wanted.input).toContainEqual(expect.objectContaining({ name: tool?.name, call_id: 'c1' }));
    expect(names.own(tool?.name ?? '')).toBe(name);
  });
});

describe('reasoning', () => {
  it.each<[object, Fields | undefined]>([
    [{}, undefined],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, { effort: 'high', summary: 'auto' }],
    [{ thinking: { type: 'adaptive' } }, { effort: 'medium', summary: 'auto' }],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { effort: 'medium' }],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      { effort: 'low', summary: 'auto' },
    ],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, { effort: 'none' }],
    [{ output_config: { effort: 'HIGH' } }, { effort: 'high' }],
  ])('of %j is %j', (body, reasoning) => {
    expect(fields(body)['reasoning']).toEqual(reasoning);
  });

  it('is low where it cannot be switched off', () => {
    expect(fields({ thinking: { type: 'disabled' } }, { model: 'gpt-5.3-codex' })['reasoning']).toEqual({
      effort: 'low',
    });
  });

  it("is the model's highest where it does not know Anthropic's", () => {
    const body = { output_config: { effort: 'max' } };
    expect(fields(body, { facts: { efforts: new Set(['high', 'xhigh']) } })['reasoning']).toEqual({ effort: 'xhigh' });
    expect(fields(body)['reasoning']).toEqual({ effort: 'max' });
  });
});

describe('other settings', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const strict = { ...schema, required: ['a'], additionalProperties: false };

  it.each([
    [{ output_config: { format: { type: 'json_schema', schema } } }, { schema, strict: false }],
    [{ output_format: { type: 'json_schema', schema: strict } }, { schema: strict, strict: true }],
  ])('%j is the text format, strict where the backend can hold the answer to it', (body, format) => {
    expect(fields(body)['text']).toEqual({ format: { type: 'json_schema', name: 'response', ...format } });
  });

  it.each([
    [{ speed: 'fast' }, 'priority'],
    [{ service_tier: 'standard_only' }, undefined],
    [{ service_tier: 'auto' }, 'auto'],
  ])('%j asks for the tier %j (T28)', (body, tier) => {
    expect(fields(body)['service_tier']).toBe(tier);
  });

  it('leaves out what the backend refuses, and everything that it does not know (T5)', () => {
    const body = {
      max_tokens: 9,
      metadata: { user_id: 'u' },
      temperature: 1,
      top_p: 1,
      top_k: 1,
      stop_sequences: ['END'],
      context_management: { edits: [] },
      betas: ['x'],
      container: null,
      diagnostics: {},
    };
    const { wanted: asked } = decoded(body).translated;
    const told = Object.entries(asked.fields).filter(([, value]) => value !== undefined);
    // The limit of tokens goes no further than to the key's limits.
    expect(told.map(([name]) => name)).toEqual(['prompt_cache_key', 'max_output_tokens']);
    expect(decoded(body).stopSequences).toEqual(['END']);
  });

  it('name the sub-agent in a header', () => {
    expect(decoded({ subagent: 'review' }).translated.headers).toEqual({ 'x-openai-subagent': 'review' });
  });
});

describe('the session', () => {
  const claudeCode = { 'x-claude-code-session-id': 'sess-1' };

  it("is Claude Code's, hashed into the cache key with the caller's key (T29)", () => {
    const { session, wanted: asked } = decoded({}, { headers: claudeCode }).translated;
    const key = asked.fields['prompt_cache_key'];
    expect(session).toBe('sess-1');
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(fields({}, { headers: claudeCode, keyId: 'key-2' })['prompt_cache_key']).not.toBe(key);
    expect(fields({}, { headers: { 'x-claude-code-session-id': 'sess-2' } })['prompt_cache_key']).not.toBe(key);
  });

  it('is else the one that metadata names', () => {
    const { session, wanted: asked } = decoded({ metadata: { user_id: 'user_1_session_2' } }).translated;
    expect(session).toBe('user_1_session_2');
    expect(asked.fields['prompt_cache_key']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is else the one in client_metadata, which goes upstream in any case (X1)', () => {
    const body = { client_metadata: { session_id: 'sess-3' } };
    const { session, wanted: asked } = decoded(body).translated;
    expect([session, asked.fields['prompt_cache_key']]).toEqual(['sess-3', 'sess-3']);
    expect(fields(body, { headers: claudeCode })['prompt_cache_key']).toMatch(/^[0-9a-f]{32}$/);
    expect(fields({ ...body, prompt_cache_key: 'mine' })['prompt_cache_key']).toBe('mine');
  });

  it('leaves an explicit cache key as it is', () => {
    expect(fields({ prompt_cache_key: 'mine' }, { headers: claudeCode })['prompt_cache_key']).toBe('mine');
  });

  it('is nothing where nobody names one', () => {
    expect(decoded({}).translated).not.toHaveProperty('session');
    expect(fields({})['prompt_cache_key']).toBeUndefined();
  });
});

describe('a request that cannot be read', () => {
  const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });

  it.each<[string, object]>([
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'hi' }],
    ['messages.0', { messages: [7] }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages.0.content', user(undefined)],
    ['messages.0.content.0', user([null])],
    ['messages.0.content.0.text', user([{ type: 'text' }])],
    ['messages.0.content.0.type', user([{ type: 'hologram' }])],
    ['messages.0.content.0.source.type', user([{ type: 'image', source: { type: 'file', file_id: 'f' } }])],
    ['messages.0.content.0.source.data', user([{ type: 'image', source: { type: 'base64' } }])],
    ['messages.0.content.0.source.url', user([{ type: 'image', source: { type: 'url', url: 'file:///x' } }])],
    ['messages.0.content.0.content.0.type', user([{ type: 'tool_result', content: [{ type: 'tool_use' }] }])],
    ['messages.0.content.0.name', { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'c1' }] }] }],
    ['system.0', { system: [1] }],
    ['tools', { tools: {} }],
    ['tools.0', { tools: [1] }],
    ['tools.0.input_schema', { tools: [{ name: 'x', input_schema: 1 }] }],
    ['tool_choice.type', { tool_choice: 'auto' }],
    ['tool_choice.name', { tool_choice: { type: 'tool' } }],
    ['thinking.type', { thinking: { type: 'hard' } }],
    ['output_config.effort', { output_config: { effort: 7 } }],
    ['output_config.format', { output_config: { format: { type: 'xml' } } }],
    ['stop_sequences', { stop_sequences: 'END' }],
  ])('names %s', (param, body) => {
    refused(body, param);
  });

  it('names a picture and a document of a kind that cannot be read here', () => {
    const bmp = { type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'Qk0' } };
    refused(user([bmp]), 'messages.0.content.0.source.media_type', 'unsupported_input_image_format');
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } };
    refused(user([pdf]), 'messages.0.content.0.source', 'unsupported_input_file_format');
  });

  it('refuses servers that Anthropic would ask', () => {
    refused({ mcp_servers: [{}] }, 'mcp_servers', 'unsupported_parameter');
  });
});

import type { CallId } from '../../core/index.js';
import { decode } from './decode.js';

const LITE = 'x-openai-internal-codex-responses-lite';
const METADATA = '{"turn_id":"t", "code_mode_tool_names":["f"]}';

const decoded = (fields: object, headers: Record<string, string> = {}) => {
  const body = { model: 'gpt-5.5', input: [], ...fields };
  const bytes = Buffer.from(JSON.stringify(body));
  const received = {
    id: 'call' as CallId,
    transport: 'http' as const,
    requestId: 'req',
    receivedAtMs: 1,
    route: '/backend-api/codex/responses',
    headers,
  };
  return { call: decode(body, bytes, received, {}), body, bytes };
};

/** Its properties have names that are also words of JSON Schema. */
const parameters = {
  type: 'object',
  properties: { encrypted: { type: 'boolean' }, const: { const: 'x' }, strict: { type: 'boolean' } },
  required: ['encrypted', 'const', 'strict'],
};
const tools = [
  { type: 'function', name: 'f', strict: false, parameters },
  {
    type: 'namespace',
    name: 'mcp__x',
    tools: [
      { type: 'function', name: 'g', parameters },
      { type: 'custom', name: 'c', format: { type: 'text' } },
    ],
  },
];
const picture = {
  type: 'input_image',
  image_url: 'https://x.test/a.png',
  detail: 'high',
  prompt_cache_breakpoint: {},
};

describe('what a Codex client alone decides', () => {
  it('is every property of a tool, whatever it is called, also next to a field that is dropped (trap 23)', () => {
    const { call, bytes } = decoded({ tools });
    expect(call.body.bytes).toBe(bytes);
    const edited = decoded({ tools, temperature: 1 }).call.body.bytes;
    expect(JSON.parse(edited.toString())).toEqual(decoded({ tools }).body);
  });

  it.each<[string, object]>([
    [
      'a strict schema (trap 22)',
      { tools: [{ type: 'function', name: 'f', strict: true, parameters: { $ref: '#' } }] },
    ],
    [
      'encrypted reasoning, and what agents hand each other (trap 24)',
      {
        input: [
          { type: 'reasoning', summary: [], content: null, encrypted_content: 'gAAAA' },
          { type: 'agent_message', content: [{ type: 'encrypted_content', encrypted_content: 'gAAAA' }] },
        ],
      },
    ],
    ['the id of an item (trap 27)', { input: [{ type: 'message', id: 'theirs', role: 'user', content: 'hi' }] }],
    [
      'detail and cache breakpoints (trap 29)',
      { input: [{ type: 'function_call_output', call_id: 'c', output: [picture] }] },
    ],
    ['a tool choice that is an object (trap 32)', { tool_choice: { type: 'function', name: 'f' } }],
    ['the Lite marker of a websocket (trap 32)', { client_metadata: { [`ws_request_header_${LITE}`]: 'true' } }],
    ['turn metadata in the body (trap 33)', { client_metadata: { 'x-codex-turn-metadata': METADATA } }],
  ])('is %s', (_, fields) => {
    const { call, bytes } = decoded(fields, { [LITE]: 'true' });
    expect(call.body.bytes).toBe(bytes);
  });

  it.each([
    ['the Lite marker (trap 32)', LITE, 'true'],
    ['the turn metadata (trap 33)', 'x-codex-turn-metadata', METADATA],
  ])('is, in its headers, %s', (_, name, value) => {
    expect(decoded({}, { [name]: value }).call.headers).toEqual({ [name]: value });
  });
});

/** Longer ones are not parsed: this process would stand still, and the streams beside would be blamed. */
const PARSED_BYTES = 65_536;

const responses = {
  path: '/backend-api/codex/responses',
  body: (text) => ({
    model: 'gpt-5.5',
    stream: true,
    store: false,
    instructions: 'You are a coding agent.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
  }),
  read(data) {
    if (data.startsWith('{"type":"response.output_text.delta"')) return { text: JSON.parse(data).delta };
    if (data.startsWith('{"type":"response.completed"')) return { terminal: true };
    if (data.length > PARSED_BYTES) return {};
    const { type } = JSON.parse(data);
    return { terminal: type === 'response.completed', failed: FAILURES.has(type) };
  },
};
const FAILURES = new Set(['error', 'response.failed', 'response.incomplete']);

/** How the calls of a dialect are written, and what its events mean: `text`, `terminal`, `failed`. */
export const DIALECTS = {
  responses,
  'v1-responses': { ...responses, path: '/v1/responses' },
  chat: {
    path: '/v1/chat/completions',
    body: (text) => ({ model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: text }] }),
    read(data) {
      if (data === '[DONE]') return { terminal: true };
      const { choices, error } = JSON.parse(data);
      return { text: choices?.[0]?.delta?.content ?? undefined, failed: error !== undefined };
    },
  },
  anthropic: {
    path: '/v1/messages',
    body: (text) => ({
      model: 'gpt-5.5',
      stream: true,
      max_tokens: 4_096,
      messages: [{ role: 'user', content: text }],
    }),
    read(data) {
      const { type, delta } = JSON.parse(data);
      return { text: delta?.text, terminal: type === 'message_stop', failed: type === 'error' };
    },
  },
};

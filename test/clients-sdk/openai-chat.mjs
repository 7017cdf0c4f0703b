import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { all, apiKey, serve, url, WEATHER, weatherIn } from './scenarios.mjs';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const chat = client.chat.completions;
const model = 'gpt-5.5';
const user = (content) => [{ role: 'user', content }];

serve({
  create: (prompt, body) => chat.create({ model, messages: user(prompt), ...body }),

  messages: (messages, body) => chat.create({ model, messages, ...body }),

  chunks: async (prompt, body) => all(await chat.create({ model, messages: user(prompt), stream: true, ...body })),

  async helper(prompt) {
    const texts = [];
    const stream = chat.stream({ model, messages: user(prompt), stream_options: { include_usage: true } });
    stream.on('content', (delta, snapshot) => texts.push([delta, snapshot]));
    const { choices, usage } = await stream.finalChatCompletion();
    return { texts, message: choices[0].message, finish: choices[0].finish_reason, usage };
  },

  async streamedCall(prompt) {
    const seen = [];
    const tools = [{ type: 'function', function: WEATHER }];
    const stream = chat.stream({ model, messages: user(prompt), tools });
    stream.on('tool_calls.function.arguments.done', ({ name, arguments: given }) => seen.push([name, given]));
    const { choices } = await stream.finalChatCompletion();
    return { seen, finish: choices[0].finish_reason, calls: choices[0].message.tool_calls };
  },

  async runTools(prompt) {
    const weather = { ...WEATHER, parse: JSON.parse, function: weatherIn };
    const runner = chat.runTools({ model, messages: user(prompt), tools: [{ type: 'function', function: weather }] });
    return { text: await runner.finalContent(), roles: runner.messages.map(({ role }) => role) };
  },

  async parse(prompt) {
    const format = zodResponseFormat(z.object({ answer: z.string(), n: z.number() }), 'reply');
    const { choices } = await chat.parse({ model, messages: user(prompt), response_format: format });
    return choices[0].message.parsed;
  },

  list: async (query) => all(await chat.list(query), ({ id }) => id),

  retrieve: (id) => chat.retrieve(id),

  storedMessages: async (id) => all(await chat.messages.list(id), ({ role, content }) => ({ role, content })),

  update: (id, metadata) => chat.update(id, { metadata }),

  remove: (id) => chat.delete(id),
});

import Anthropic from '@anthropic-ai/sdk';
import { all, apiKey, serve, url, WEATHER, weatherIn } from './scenarios.mjs';

const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const model = 'claude-sonnet-4-6';
const { parameters, ...named } = WEATHER;
const tools = [{ ...named, input_schema: parameters }];
const asked = (prompt, body) => ({
  model,
  max_tokens: 1000,
  messages: [{ role: 'user', content: prompt }],
  ...body,
});
const textIn = ({ content }) => content.map(({ text = '' }) => text).join('');

serve({
  create: (prompt, body) => client.messages.create(asked(prompt, body)),

  createWith: (key, prompt) =>
    new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 }).messages.create(asked(prompt)),

  withToken: async (prompt) => {
    const bearer = new Anthropic({ baseURL: url, apiKey: null, authToken: apiKey, maxRetries: 0 });
    return bearer.messages.create(asked(prompt));
  },

  events: async (prompt, body) => all(await client.messages.create({ ...asked(prompt, body), stream: true })),

  async helper(prompt, body) {
    const seen = { texts: [], thoughts: [] };
    const stream = client.messages.stream(asked(prompt, body));
    stream.on('text', (delta) => seen.texts.push(delta));
    stream.on('thinking', (delta) => seen.thoughts.push(delta));
    return { ...seen, message: await stream.finalMessage() };
  },

  /** What the model said goes back to it word for word, thinking and its signature included. */
  async toolLoop(prompt, body) {
    const messages = [{ role: 'user', content: prompt }];
    const first = await client.messages.create({ ...asked(prompt, body), tools });
    const results = first.content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, input }) => ({ type: 'tool_result', tool_use_id: id, content: weatherIn(input) }));
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
    const last = await client.messages.create({ ...asked(prompt, body), messages, tools });
    return { first, text: textIn(last) };
  },

  async helperCall(prompt) {
    const jsons = [];
    const stream = client.messages.stream({ ...asked(prompt), tools });
    stream.on('inputJson', (_, snapshot) => jsons.push(snapshot));
    return { jsons, message: await stream.finalMessage() };
  },

  countTokens: (prompt) => client.messages.countTokens({ model, messages: [{ role: 'user', content: prompt }], tools }),

  models: async () => all(await client.models.list()),
});

import OpenAI from 'openai';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { z } from 'zod';
import { all, apiKey, serve, url, WEATHER, weatherIn } from './scenarios.mjs';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const model = 'gpt-5.5';
const tool = { type: 'function', ...WEATHER, strict: true };

serve({
  create: (body) => client.responses.create({ model, ...body }),

  createWith: (key, body) => client.withOptions({ apiKey: key }).responses.create({ model, ...body }),

  events: async (body) => all(await client.responses.create({ model, stream: true, ...body })),

  async helper(body) {
    const texts = [];
    const stream = client.responses.stream({ model, ...body });
    stream.on('response.output_text.delta', ({ delta, snapshot }) => texts.push([delta, snapshot]));
    const { output_text: text, status, usage } = await stream.finalResponse();
    return { texts, text, status, usage };
  },

  async parse(input) {
    const format = zodTextFormat(z.object({ answer: z.string(), n: z.number() }), 'reply');
    const { output_parsed: parsed } = await client.responses.parse({ model, input, text: { format } });
    return parsed;
  },

  async parsedCall(input) {
    const weather = zodResponsesFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) });
    const { output } = await client.responses.parse({ model, input, tools: [weather] });
    return output.find(({ type }) => type === 'function_call').parsed_arguments;
  },

  /** As the documentation of the SDK has it: what came out goes in again, with the outputs of the tools. */
  async toolLoop(prompt) {
    const input = [{ role: 'user', content: prompt }];
    const first = await client.responses.create({ model, input, tools: [tool] });
    const calls = first.output.filter(({ type }) => type === 'function_call');
    const outputs = calls.map(({ call_id, arguments: given }) => ({
      type: 'function_call_output',
      call_id,
      output: weatherIn(JSON.parse(given)),
    }));
    const last = await client.responses.create({
      model,
      input: [...input, ...first.output, ...outputs],
      tools: [tool],
    });
    return { calls: calls.map(({ name, arguments: given }) => [name, given]), text: last.output_text };
  },

  retrieve: (id) => client.responses.retrieve(id),

  inputItems: async (id) => all(await client.responses.inputItems.list(id)),

  remove: (id) => client.responses.delete(id),

  countTokens: (body) => client.responses.inputTokens.count({ model, ...body }),

  compact: (body) => client.responses.compact({ model, ...body }),

  /** Turns on one websocket, each with what the one before it was answered as its previous response. */
  async websocket(...prompts) {
    const socket = new ResponsesWS(client);
    const turns = [];
    let previous;
    try {
      for (const input of prompts) {
        const more = previous === undefined ? {} : { previous_response_id: previous };
        const events = await turn(socket, { model, input, store: false, ...more });
        previous = events.at(-1).response?.id;
        turns.push({ types: events.map(({ type }) => type), text: textIn(events), error: events.at(-1).error });
      }
      return turns;
    } finally {
      socket.close();
    }
  },
});

const LAST = ['response.completed', 'response.failed', 'response.incomplete', 'error'];

const textIn = (events) =>
  events.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : '')).join('');

function turn(socket, fields) {
  const events = [];
  return new Promise((resolve, reject) => {
    const listen = (event) => {
      events.push(event);
      if (!LAST.includes(event.type)) return;
      socket.off('event', listen);
      socket.off('error', reject);
      resolve(events);
    };
    socket.on('event', listen);
    socket.on('error', reject);
    socket.send({ type: 'response.create', ...fields });
  });
}

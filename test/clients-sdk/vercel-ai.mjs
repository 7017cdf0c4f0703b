import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { all, apiKey, serve, url, weatherIn } from './scenarios.mjs';

const pooler = createOpenAI({ baseURL: `${url}/v1`, apiKey });
const models = { responses: pooler.responses('gpt-5.5'), chat: pooler.chat('gpt-5.5'), plain: pooler('gpt-5.5') };
const tools = {
  get_weather: tool({
    description: 'Says what the weather is like.',
    inputSchema: z.object({ city: z.string() }),
    execute: weatherIn,
  }),
};
const schema = z.object({ answer: z.string(), n: z.number() });
const once = { maxRetries: 0 };

serve({
  async generateText(kind, prompt, options) {
    const { text, reasoningText, finishReason, usage } = await generateText({
      ...once,
      model: models[kind],
      prompt,
      ...options,
    });
    return { text, reasoningText, finishReason, usage };
  },

  async streamText(kind, prompt) {
    const errors = [];
    const onError = ({ error }) => errors.push(error.message ?? error.error?.message ?? JSON.stringify(error));
    const { textStream, fullStream, usage, finishReason } = streamText({
      ...once,
      model: models[kind],
      prompt,
      onError,
    });
    const [texts, types] = await Promise.all([all(textStream), all(fullStream, ({ type }) => type)]);
    if (errors.length > 0) return { texts, types, errors };
    return { texts, types, errors, usage: await usage, finishReason: await finishReason };
  },

  async toolLoop(kind, prompt, options) {
    const { text, steps } = await generateText({
      ...once,
      model: models[kind],
      prompt,
      tools,
      stopWhen: stepCountIs(3),
      ...options,
    });
    return { text, calls: steps.flatMap(({ toolCalls }) => toolCalls.map(({ toolName, input }) => [toolName, input])) };
  },

  async streamedToolLoop(kind, prompt, options) {
    const stream = streamText({ ...once, model: models[kind], prompt, tools, stopWhen: stepCountIs(3), ...options });
    const types = await all(stream.fullStream, ({ type }) => type);
    return { types, text: await stream.text };
  },

  async generateObject(kind, prompt) {
    const { object } = await generateObject({ ...once, model: models[kind], prompt, schema });
    return object;
  },

  async output(kind, prompt) {
    const { output } = await generateText({ ...once, model: models[kind], prompt, output: Output.object({ schema }) });
    return output;
  },
});

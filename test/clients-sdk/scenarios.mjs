/** What a test needs to know of an error that an SDK threw. */
const described = (error) => ({
  class: error.constructor.name,
  message: error.message,
  status: error.status ?? error.statusCode,
  code: error.code,
  param: error.param,
  type: error.type,
  requestId: error.requestID ?? error.headers?.get?.('x-request-id'),
});

/** Plays the scenario that a message of the parent names, and answers with what it returned or how it failed. */
export function serve(scenarios) {
  process.on('message', async ({ id, name, args }) => {
    try {
      process.send({ id, value: (await scenarios[name](...args)) ?? null });
    } catch (error) {
      process.send({ id, error: described(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}

export const url = process.env.CODEX_POOLER_URL;
export const apiKey = process.env.CODEX_POOLER_API_KEY;

/** All of an async iterable, each element as `pick` sees it. */
export async function all(iterable, pick = (element) => element) {
  const elements = [];
  for await (const element of iterable) elements.push(pick(element));
  return elements;
}

/** The tool that every SDK is given. */
export const WEATHER = {
  name: 'get_weather',
  description: 'Says what the weather is like.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
export const weatherIn = ({ city }) => `Sunny in ${city}.`;

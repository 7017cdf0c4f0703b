import fc from 'fast-check';
import { answered } from '../../test/support/answered.js';
import { LANES, type Lane } from '../../test/support/dialect-lanes.js';
import { generatedAnswer, type GeneratedAnswer } from '../../test/support/generated-answers.js';
import { deltasIn, framesIn, READERS } from '../../test/support/told-answers.js';
import { collect } from '../core/index.js';

const RUNS = process.env['DRILLS'] === 'full' ? 20_000 : 100;
const SEED = 20_260_401;

const parsed = (json: string): unknown => JSON.parse(json === '' ? '{}' : json);

async function check({ dialect, stream, body }: Lane, answer: GeneratedAnswer): Promise<void> {
  const reader = READERS[dialect.name];
  if (body === undefined || reader === undefined) throw new Error(`${dialect.name} has no reader.`);
  const frames = framesIn((await collect(stream(answered(...answer.events)))).join(''));
  const streamed = reader.stream(frames);
  if (dialect.name === 'openai-responses' && answer.evenly) expect(deltasIn(frames)).toBe(answer.text);
  const buffered = reader.body(await body(answered(...answer.events)));
  expect(streamed).toEqual(buffered);
  expect(buffered.text).toBe(answer.text);
  expect(buffered.calls.map(({ id, name, arguments: args }) => [id, name, parsed(args)])).toEqual(
    answer.calls.map(({ id, name, arguments: args }) => [id, name, parsed(args)]),
  );
  const used = answer.usage;
  if (used !== undefined) expect(tokensIn(buffered.usage)).toEqual({ ...used });
}

/** The same four numbers from the usage object of each protocol. */
function tokensIn(usage: unknown): object {
  const json = JSON.stringify(usage);
  const number = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(json)?.[1] ?? 0);
  const cached = number('cached_tokens') + number('cache_read_input_tokens');
  const isAnthropic = json.includes('cache_read_input_tokens');
  return {
    input: number(json.includes('prompt_tokens"') ? 'prompt_tokens' : 'input_tokens') + (isAnthropic ? cached : 0),
    cached,
    output: number(json.includes('completion_tokens"') ? 'completion_tokens' : 'output_tokens'),
    reasoning: isAnthropic ? expect.any(Number) : number('reasoning_tokens'),
  };
}

describe.each(LANES.filter(({ body }) => body !== undefined).map((lane) => [lane.dialect.name, lane] as const))(
  'an answer of %s',
  (_, lane) => {
    it('says the same streamed and whole: its text, its calls, its end and what it cost', async () => {
      await fc.assert(
        fc.asyncProperty(generatedAnswer, (answer) => check(lane, answer)),
        { numRuns: RUNS, seed: SEED },
      );
    }, 300_000);
  },
);

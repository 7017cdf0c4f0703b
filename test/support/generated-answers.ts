import fc from 'fast-check';

type Json = Readonly<Record<string, unknown>>;

export interface GeneratedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** A Responses stream as an upstream might send it, and what it says. */
export interface GeneratedAnswer {
  readonly events: readonly Json[];
  readonly text: string;
  readonly calls: readonly GeneratedCall[];
  /** As the upstream reports it; absent when it does not. */
  readonly usage?: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
  };
  readonly outcome: 'completed' | 'incomplete';
  /** Whether all of its text comes as deltas, or none of it. */
  readonly evenly: boolean;
}

/** How one item comes: its finished form, and the events before that. */
interface Item {
  readonly done: Json;
  readonly before: (place: number) => readonly Json[];
  readonly text?: string;
  readonly streamed?: boolean;
  readonly call?: GeneratedCall;
}

const pieces = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 });
const ID = fc.stringMatching(/^[a-z0-9]{6,12}$/);

const message: fc.Arbitrary<Item> = fc.tuple(ID, pieces, fc.boolean()).map(([id, texts, streamed]) => {
  const text = texts.join('');
  const item_id = `msg_${id}`;
  const content = [{ type: 'output_text', text, annotations: [] }];
  const base = { id: item_id, type: 'message', role: 'assistant' };
  return {
    done: { ...base, status: 'completed', content },
    before: (output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...base, status: 'in_progress', content: [] } },
      ...(streamed ? texts : []).map((delta) => ({
        type: 'response.output_text.delta',
        item_id,
        output_index,
        content_index: 0,
        delta,
      })),
    ],
    text,
    streamed,
  };
});

const reasoning: fc.Arbitrary<Item> = fc.tuple(ID, pieces, fc.boolean()).map(([id, texts, streamed]) => {
  const item_id = `rs_${id}`;
  return {
    done: {
      id: item_id,
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: texts.join('') }],
      encrypted_content: `gAAA${id}`,
    },
    before: (output_index) => [
      { type: 'response.output_item.added', output_index, item: { id: item_id, type: 'reasoning', summary: [] } },
      ...(streamed ? texts : []).map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        item_id,
        output_index,
        summary_index: 0,
        delta,
      })),
    ],
  };
});

const call: fc.Arbitrary<Item> = fc
  .tuple(
    ID,
    fc.stringMatching(/^[a-z_]{1,12}$/),
    fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue()),
    fc.boolean(),
  )
  .map(([id, name, args, streamed]) => {
    const item_id = `fc_${id}`;
    const whole = JSON.stringify(args);
    const base = { id: item_id, type: 'function_call', call_id: `call_${id}`, name };
    const half = Math.floor(whole.length / 2);
    return {
      done: { ...base, status: 'completed', arguments: whole },
      before: (output_index) => [
        { type: 'response.output_item.added', output_index, item: { ...base, status: 'in_progress', arguments: '' } },
        ...(streamed ? [whole.slice(0, half), whole.slice(half)] : []).map((delta) => ({
          type: 'response.function_call_arguments.delta',
          item_id,
          output_index,
          delta,
        })),
      ],
      call: { id: `call_${id}`, name, arguments: whole },
    };
  });

const count = fc.integer({ min: 0, max: 1_000_000 });
const usage = fc.record({ input: count, cached: count, output: count, reasoning: count }).map((given) => ({
  ...given,
  cached: Math.min(given.cached, given.input),
  reasoning: Math.min(given.reasoning, given.output),
}));

const NOISE: readonly Json[] = [
  { type: 'response.in_progress', response: { id: 'resp_1', status: 'in_progress' } },
  { type: 'codex.rate_limits', rate_limits: { primary: { used_percent: 4 } } },
  { type: 'response.content_part.added', output_index: 0, content_index: 0, part: { type: 'output_text', text: '' } },
  { type: 'response.something.nobody.knows', value: [1, 2, 3] },
  { type: 'keepalive' },
];

const usageJson = ({ input, cached, output, reasoning: thought }: NonNullable<GeneratedAnswer['usage']>): Json => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: thought },
  total_tokens: input + output,
});

/** Answers with any number of items, streamed or not, with or without what real upstreams leave out. */
export const generatedAnswer: fc.Arbitrary<GeneratedAnswer> = fc
  .record({
    id: ID,
    items: fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: message }, reasoning, call), {
      maxLength: 6,
      selector: ({ done }) => done['id'],
    }),
    usage: fc.option(usage, { nil: undefined }),
    outcome: fc.constantFrom('completed', 'completed', 'incomplete'),
    itemsInEnd: fc.boolean(),
    oldName: fc.boolean(),
    noise: fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...NOISE)), { maxLength: 5 }),
  })
  .map(({ id, items, usage: used, outcome, itemsInEnd, oldName, noise }) => {
    const response = { id: `resp_${id}`, object: 'response', created_at: 1_790_000_000, model: 'gpt-5.5' };
    const middle = items.flatMap(({ done, before }, place) => [
      ...before(place),
      { type: 'response.output_item.done', output_index: place, item: done },
    ]);
    for (const [at, event] of noise) middle.splice(Math.min(at, middle.length), 0, event);
    const end = {
      ...response,
      status: outcome,
      output: itemsInEnd ? items.map(({ done }) => done) : [],
      ...(outcome === 'incomplete' ? { incomplete_details: { reason: 'max_output_tokens' } } : {}),
      ...(used === undefined ? {} : { usage: usageJson(used) }),
    };
    const type = outcome === 'incomplete' ? 'response.incomplete' : oldName ? 'response.done' : 'response.completed';
    return {
      events: [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        ...middle,
        { type, response: end },
      ],
      text: items.map(({ text = '' }) => text).join(''),
      calls: items.flatMap((item) => item.call ?? []),
      ...(used === undefined ? {} : { usage: used }),
      outcome,
      evenly: new Set(items.flatMap(({ streamed }) => streamed ?? [])).size < 2,
    };
  });

import type { ModelFacts } from './model-facts.js';
import { modelFacts } from './model-facts.js';
import { responsesBody, type WantedResponse } from './responses-body.js';

const INPUT = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];

function sent(
  wanted: Partial<WantedResponse> = {},
  facts: ModelFacts = {},
  pool: object = {},
): Record<string, unknown> {
  const whole = { model: 'gpt-5.5', input: INPUT, fields: {}, ...wanted };
  const body = responsesBody(whole, facts, { droppedParams: new Set(), ...pool });
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

describe('the body of a translated request', () => {
  it('is a stream that is not stored, with the defaults of a Codex client where the client was silent (B2, B4, B5)', () => {
    expect(sent()).toEqual({
      model: 'gpt-5.5',
      instructions: 'You are a helpful assistant.',
      input: INPUT,
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: {},
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      store: false,
      stream: true,
    });
  });

  it('has no instructions beside those that stand in the input, or that the upstream holds', () => {
    expect(sent({ bare: true }, { baseInstructions: 'Base.' }, { defaultInstructions: 'Pool.' })).not.toHaveProperty(
      'instructions',
    );
  });

  it('keeps what the client said itself', () => {
    const fields = {
      tool_choice: 'none',
      parallel_tool_calls: false,
      text: { verbosity: 'high', format: { type: 'json_object' } },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      prompt_cache_key: 'conversation',
      temperature: 0.2,
      store: true,
      stream: false,
    };
    expect(sent({ fields })).toMatchObject({
      tool_choice: 'none',
      parallel_tool_calls: false,
      text: fields.text,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      prompt_cache_key: 'conversation',
      temperature: 0.2,
      store: false,
      stream: true,
    });
  });

  it('leaves out what the backend refuses and what the Pool drops (trap 20)', () => {
    const fields = {
      max_output_tokens: 5,
      metadata: { a: 'b' },
      truncation: 'auto',
      safety_identifier: 'x',
      user: 'u',
    };
    const body = sent({ fields: { ...fields, top_p: 1, temperature: 1 } }, {}, { droppedParams: new Set(['top_p']) });
    for (const name of [...Object.keys(fields), 'top_p']) expect(body).not.toHaveProperty(name);
    expect(body).toHaveProperty('temperature', 1);
  });

  it.each([
    ['the client', { instructions: 'Mine.' }, 'Mine.'],
    ['the Pool', { instructions: ' ' }, 'Pool.'],
  ])('takes instructions from %s first', (_, wanted, expected) => {
    expect(sent(wanted, { baseInstructions: 'Base.' }, { defaultInstructions: 'Pool.' })).toHaveProperty(
      'instructions',
      expected,
    );
  });

  it('takes the instructions of the catalog when nobody has any', () => {
    expect(sent({}, { baseInstructions: 'Base.' })).toHaveProperty('instructions', 'Base.');
  });

  it.each([
    ['minimal', undefined, 'low'],
    ['ultra', undefined, 'max'],
    ['minimal', ['minimal', 'low'], 'minimal'],
    ['minimal', ['low'], 'low'],
    ['high', ['low'], 'high'],
  ])('says effort %s to a model with %j as %s (trap 31)', (effort, levels, expected) => {
    const facts = modelFacts({ supported_reasoning_levels: levels?.map((level) => ({ effort: level })) });
    expect(sent({ fields: { reasoning: { effort, summary: 'auto' } } }, facts)).toMatchObject({
      reasoning: { effort: expected, summary: 'auto' },
    });
  });

  it('asks for no summary and no verbosity where the model has none', () => {
    const facts = modelFacts({ supports_reasoning_summaries: false, support_verbosity: false });
    const body = sent({ fields: { reasoning: { summary: 'auto' }, text: { format: { type: 'text' } } } }, facts);
    expect(body).toMatchObject({ reasoning: {}, text: { format: { type: 'text' } } });
    expect(body['reasoning']).not.toHaveProperty('summary');
    expect(body['text']).not.toHaveProperty('verbosity');
  });

  it.each([
    ['fast', 'priority'],
    ['priority', 'priority'],
    ['auto', undefined],
    ['default', undefined],
    [null, undefined],
  ])('asks for tier %s as %s (T28)', (tier, expected) => {
    expect(sent({ fields: { service_tier: tier } })['service_tier']).toBe(expected);
  });
});

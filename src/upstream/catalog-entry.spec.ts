import { servable } from './catalog-entry.js';

const whole = {
  slug: 'gpt-5.5',
  display_name: 'GPT-5.5',
  supported_reasoning_levels: [{ effort: 'low', description: 'low' }],
  shell_type: 'shell_command',
  visibility: 'list',
  supported_in_api: true,
  priority: 1,
  base_instructions: 'x',
  support_verbosity: true,
  truncation_policy: { mode: 'bytes', limit: 10_000 },
  experimental_supported_tools: [],
  supports_reasoning_summaries: true,
  supports_parallel_tool_calls: true,
  unknown_field: { kept: [1] },
};
const of = (entry: Record<string, unknown>) => servable({ slug: 'gpt-5.5', entry })?.entry;

describe('a catalog entry', () => {
  it('that is whole stays as it is, unknown fields included', () => {
    expect(of(whole)).toEqual(whole);
  });

  it('gets every field that one of the two CLI generations cannot do without', () => {
    expect(Object.keys(of({}) ?? {}).sort()).toEqual(
      Object.keys(whole)
        .filter((name) => name !== 'unknown_field')
        .sort(),
    );
    expect(of({})).toMatchObject({ slug: 'gpt-5.5', display_name: 'gpt-5.5', supports_reasoning_summaries: false });
    expect(of({ ...whole, supports_reasoning_summaries: null })).toMatchObject({ supports_reasoning_summaries: true });
  });

  it.each<[string, unknown]>([
    ['display_name', 7],
    ['supported_reasoning_levels', [{ effort: 'low' }]],
    ['supported_reasoning_levels', ['low']],
    ['shell_type', 'powershell'],
    ['visibility', 'sometimes'],
    ['supported_in_api', 'yes'],
    ['priority', 1.5],
    ['priority', 2 ** 40],
    ['base_instructions', {}],
    ['support_verbosity', 1],
    ['truncation_policy', { mode: 'lines', limit: 1 }],
    ['truncation_policy', 10_000],
    ['experimental_supported_tools', [1]],
    ['supports_parallel_tool_calls', 'true'],
    ['apply_patch_tool_type', 'json'],
    ['input_modalities', ['text', 'smell']],
    ['context_window', 'large'],
  ])('with %s %j is dropped: it would cost the client the whole list', (name, value) => {
    expect(of({ ...whole, [name]: value })).toBeUndefined();
  });

  it('may say null where a field is optional', () => {
    expect(of({ ...whole, apply_patch_tool_type: null, context_window: null })).toBeDefined();
  });
});

describe('the entity tag', () => {});

import { modelList, modelObject } from './model-list.js';

const entry = {
  display_name: 'GPT-5.5',
  context_window: 272_000,
  effective_context_window_percent: 95,
  input_modalities: ['text', 'image'],
  supported_reasoning_levels: [{ effort: 'low', description: 'low' }],
};
const offered = (over: object = {}) => ({ slug: 'gpt-5.5', since: 1_767_225_600, entry: { ...entry, ...over } });

describe('a model in the list', () => {
  it('is what OpenAI’s clients know of one, and what agents ask for beside it', () => {
    expect(modelObject(offered())).toEqual({
      id: 'gpt-5.5',
      object: 'model',
      created: 1_767_225_600,
      owned_by: 'codex-pooler',
      permission: [],
      input_modalities: ['text', 'image'],
      display_name: 'GPT-5.5',
      supports_streaming: true,
      supports_tools: true,
      supports_reasoning: true,
      context_length: 258_400,
    });
  });

  it.each([
    ['part of its window', { context_window: 100_001, effective_context_window_percent: 90 }, 90_000],
    ['the usual part when it does not say', { effective_context_window_percent: undefined }, 258_400],
    ['nothing when its window is unknown', { context_window: null }, undefined],
  ])('has as context %s', (_, over, length) => {
    const model = modelObject(offered(over)) as { context_length?: number };
    expect(model.context_length).toBe(length);
    expect('context_length' in model).toBe(length !== undefined);
  });

  it('may say little of itself', () => {
    const bare = modelObject({ slug: 'm', since: 1, entry: {} });
    expect(bare).toMatchObject({ display_name: 'm', input_modalities: ['text'], supports_reasoning: false });
  });
});

describe('the list', () => {
  it('shows the listed models, and Codex clients all of them in the same object', () => {
    const [shown, hidden] = [offered(), { slug: 'hidden', since: 1, entry: { slug: 'hidden' } }];
    expect(JSON.parse(modelList({ listed: [shown], entries: [shown, hidden] }))).toEqual({
      object: 'list',
      data: [modelObject(shown)],
      models: [shown.entry, hidden.entry],
    });
  });
});

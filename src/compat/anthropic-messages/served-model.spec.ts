import { servedModel } from './served-model.js';

const MAP = [
  ['claude-opus-*', 'gpt-5.5'],
  ['claude-*-haiku', 'gpt-5.4-mini'],
  ['*', 'gpt-5.4'],
] as const;

describe('servedModel', () => {
  it.each([
    ['claude-opus-4-8', 'gpt-5.5'],
    ['Claude-Opus-4-8', 'gpt-5.5'],
    ['claude-4-5-haiku', 'gpt-5.4-mini'],
    ['claude-haiku', 'gpt-5.4'],
    ['anything', 'gpt-5.4'],
  ])('serves %s with %s: the first entry that fits', (name, model) => {
    expect(servedModel(name, { anthropicModels: MAP })).toBe(model);
  });

  it.each(['gpt-5.3-codex', 'codex-mini-latest', 'o3'])(
    'passes %s: a pattern for everything is not meant for it',
    (name) => {
      expect(servedModel(name, { anthropicModels: MAP })).toBe(name);
    },
  );

  it('maps a name of the backend that the map names', () => {
    expect(servedModel('gpt-4o', { anthropicModels: [['gpt-4*', 'gpt-5.5']] })).toBe('gpt-5.5');
  });

  it('strips the provider from a name', () => {
    expect(servedModel('openai/gpt-5.5', { anthropicModels: [] })).toBe('gpt-5.5');
  });

  it('knows no Claude name that the map leaves out (C11)', () => {
    expect(() => servedModel('claude-sonnet-4-6', { anthropicModels: [], defaultModel: 'gpt-5.5' })).toThrow(
      expect.objectContaining({ code: 'model_not_found', detail: { param: 'model' } }) as Error,
    );
  });

  it("serves a request without a name with the Pool's default, and refuses it without one", () => {
    expect(servedModel(undefined, { anthropicModels: [], defaultModel: 'gpt-5.5' })).toBe('gpt-5.5');
    expect(() => servedModel(undefined, { anthropicModels: [] })).toThrow('model is required');
  });

  it('takes no time for a pattern of many stars', () => {
    const anthropicModels = [[`${'a*'.repeat(500)}b`, 'gpt-5.5']] as const;
    expect(servedModel('a'.repeat(100_000), { anthropicModels })).toHaveLength(100_000);
  });
});

import { allowedModels } from './allowed-models.js';

describe('the models that are allowed', () => {
  it.each([
    [['gpt-5.5'], ' GPT-5.5 ', true],
    [[' GPT-5.5'], 'gpt-5.5', true],
    [['gpt-5.5'], 'gpt-5.5-codex', false],
    [['gpt-5.5*'], 'gpt-5.5-codex', true],
    [['gpt-*', 'o3'], 'o3', true],
    [['*-codex'], 'GPT-5.5-Codex', true],
    [['*-codex'], 'gpt-5.5', false],
    [['*'], 'anything', true],
  ])('by %j: %s is among them: %s', (patterns, model, expected) => {
    expect(allowedModels(patterns).has(model)).toBe(expected);
  });

  it('are the same however they were written down', () => {
    expect(allowedModels(['b', ' A', 'a']).patterns).toEqual(['a', 'b']);
  });
});

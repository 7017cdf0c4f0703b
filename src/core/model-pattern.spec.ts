import { matchesModel, normalModel } from './model-pattern.js';

describe('matchesModel', () => {
  it.each([
    ['gpt-5.5', 'gpt-5.5', true],
    ['gpt-5.5', ' GPT-5.5 ', true],
    ['gpt-5.5', 'gpt-5x5', false],
    ['gpt-5.5', 'gpt-5.5-codex', false],
    ['*', '', true],
    ['gpt-5*', 'gpt-5', true],
    ['gpt-5*', 'gpt-5.5-codex', true],
    ['gpt-5*', 'my-gpt-5', false],
    ['*-mini', 'gpt-5-MINI', true],
    ['gpt-*-codex', 'gpt-5.5-codex', true],
    ['gpt-*-codex', 'gpt-codex', false],
    ['a+(b)*', 'a+(b)c', true],
    ['a+(b)*', 'aab', false],
  ])('%s fits %j: %s', (pattern, model, fits) => {
    expect(matchesModel(pattern, model)).toBe(fits);
  });

  it('answers in no time, however many stars and however long the name', () => {
    expect(matchesModel(`${'*'.repeat(40)}x`, 'a'.repeat(10_000))).toBe(false);
  });

  it('compares names without case and without the blanks around them', () => {
    expect(normalModel(' Gpt-5 ')).toBe('gpt-5');
  });
});

import { catalogOf } from './catalog.js';

describe("the upstream's model list", () => {
  const entry = { slug: 'gpt-5.5', anything: { else: 1 } };

  it.each<[string, unknown]>([
    ['models', { models: [entry] }],
    ['data', { data: [entry] }],
    ['a bare array', [entry]],
  ])('is read from %s', (_, body) => {
    expect(catalogOf(body)).toEqual([{ slug: 'gpt-5.5', entry }]);
  });

  it('names entries by id where they have no slug', () => {
    expect(catalogOf({ data: [{ id: 'gpt-5.5' }] })).toEqual([{ slug: 'gpt-5.5', entry: { id: 'gpt-5.5' } }]);
  });

  it('loses only the bad entries', () => {
    const bad = [null, 'x', 7, {}, { slug: '' }, { slug: 7 }, { slug: 'x'.repeat(201) }, { slug: 'a\u0000b' }, []];
    expect(catalogOf({ models: [...bad, entry, { ...entry, again: true }] })).toEqual([{ slug: 'gpt-5.5', entry }]);
  });

  it.each([null, 'x', 7, {}, { models: {} }])('is none in %j', (body) => {
    expect(catalogOf(body)).toBeUndefined();
  });
});

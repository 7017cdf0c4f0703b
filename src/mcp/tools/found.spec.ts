import { findNamed, list } from './found.js';

const things = [
  { id: 'id-1', slug: 'one', name: 'Twin' },
  { id: 'id-2', slug: 'two', name: 'twin' },
  { id: 'id-3', slug: 'three', name: 'ID-1' },
];
const find = (wanted: string) =>
  findNamed(things, wanted, ({ id, slug, name }) => ({ id, label: slug, names: [slug, name] }));

describe('what a selector names', () => {
  it.each([
    ['ID-1', 'id-1'],
    ['TWO', 'id-2'],
    ['three', 'id-3'],
  ])('is the one thing of that id, else of that name: %s', (wanted, id) => {
    expect(find(wanted)).toMatchObject({ status: 'ok', thing: { id } });
  });

  it('is never the first of several', () => {
    const candidates = [
      { id: 'id-1', label: 'one' },
      { id: 'id-2', label: 'two' },
    ];
    expect(find('Twin')).toEqual({ status: 'ambiguous', candidates });
  });

  it('is nothing that is only like it, and ten of those are told', () => {
    expect(find('tw')).toMatchObject({ status: 'not_found', candidates: [{ id: 'id-1' }, { id: 'id-2' }] });
    const many = Array.from({ length: 20 }, (_, at) => ({ id: `id-${at}`, label: 'like', names: ['likely'] }));
    expect(findNamed(many, 'like', (each) => each)).toMatchObject({ candidates: { length: 10 } });
  });
});

describe('a list', () => {
  it('says when there are more than it shows', () => {
    expect(list('things', things, 2)).toMatchObject({
      text: '2 of 3 things.',
      content: { count: 2, limit: 2, items: things.slice(0, 2), message: expect.stringContaining('There are more') },
    });
    expect(list('things', things, 3).content.message).toBeNull();
  });
});

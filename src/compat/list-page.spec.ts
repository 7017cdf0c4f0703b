import { listQuery, pageOf } from './list-page.js';

const entries = ['a', 'b', 'c'].map((id) => ({ id }));
const page = (query: Record<string, unknown>) => {
  const { data, first_id: first, last_id: last, has_more: more, object } = pageOf(entries, listQuery(query));
  expect(object).toBe('list');
  return [(data as { id: string }[]).map(({ id }) => id).join(''), first, last, more];
};

describe('a page of a list', () => {
  it.each([
    [{}, ['abc', 'a', 'c', false]],
    [{ limit: '2' }, ['ab', 'a', 'b', true]],
    [{ limit: '3' }, ['abc', 'a', 'c', false]],
    [{ after: 'a' }, ['bc', 'b', 'c', false]],
    [{ after: 'a', limit: '1' }, ['b', 'b', 'b', true]],
    [{ order: 'desc' }, ['cba', 'c', 'a', false]],
    [{ order: 'desc', after: 'b' }, ['a', 'a', 'a', false]],
    [{ after: 'c' }, ['', null, null, false]],
  ])('of %j is %j', (query, expected) => {
    expect(page(query)).toEqual(expected);
  });

  it.each([
    { after: 'unknown' },
    { after: ['a', 'b'] },
    { limit: '0' },
    { limit: '-1' },
    { limit: 'two' },
    { limit: '1e3' },
    { limit: '99999999999999999999' },
    { order: 'up' },
  ])('is all of it for %j, which makes no sense (T22)', (query) => {
    expect(page(query)).toEqual(['abc', 'a', 'c', false]);
  });
});

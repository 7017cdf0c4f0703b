import { mergedCatalog } from './merged-catalog.js';

const entry = (slug: string, from: string) => ({ slug, entry: { slug, from } });
const slugsAndSources = (...accounts: Parameters<typeof mergedCatalog>[0]) =>
  mergedCatalog(accounts).map(({ slug, entry: { from } }) => [slug, from]);

describe('the catalog of a Pool', () => {
  it('is the union of its accounts, sorted by slug', () => {
    const one = { plan: 'plus', entries: [entry('c', '1'), entry('a', '1')] };
    const other = { plan: 'plus', entries: [entry('b', '2')] };
    expect(slugsAndSources(one, other).map(([slug]) => slug)).toEqual(['a', 'b', 'c']);
  });

  it('prefers the entry of the richest plan, then of the oldest account', () => {
    const free = { plan: 'free', entries: [entry('a', 'free')] };
    const unknown = { plan: null, entries: [entry('a', 'unknown')] };
    const pro = { plan: 'pro', entries: [entry('a', 'pro')] };
    const later = { plan: 'Pro', entries: [entry('a', 'later')] };
    expect(slugsAndSources(unknown, free, pro, later)).toEqual([['a', 'pro']]);
    expect(slugsAndSources(unknown, free)).toEqual([['a', 'free']]);
  });

  it('passes over an entry that no CLI can read, and takes another account’s', () => {
    const bad = { plan: 'pro', entries: [{ slug: 'a', entry: { slug: 'a', from: 'bad', priority: 'high' } }] };
    const good = { plan: 'free', entries: [entry('a', 'good'), entry('b', 'good')] };
    expect(slugsAndSources(bad, good)).toEqual([
      ['a', 'good'],
      ['b', 'good'],
    ]);
  });

  it('is empty without accounts', () => {
    expect(mergedCatalog([])).toEqual([]);
  });
});

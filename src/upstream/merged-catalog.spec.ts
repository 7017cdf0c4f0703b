import { mergedCatalog, type AccountCatalog } from './merged-catalog.js';

const entry = (slug: string, from: string) => ({ slug, entry: { slug, from } });
const slugsAndSources = (...accounts: Omit<AccountCatalog, 'since'>[]) =>
  mergedCatalog(accounts.map((account, since) => ({ ...account, since }))).map(({ slug, entry: { from } }) => [
    slug,
    from,
  ]);

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

  it('takes any description of a model before its mere name', () => {
    const bare = { plan: 'pro', entries: [{ slug: 'a', entry: { id: 'a', object: 'model', from: 'bare' } }] };
    const free = { plan: 'free', entries: [entry('a', 'free')] };
    const bad = { plan: 'free', entries: [{ slug: 'a', entry: { slug: 'a', from: 'bad', priority: 'high' } }] };
    expect(slugsAndSources(bare, free)).toEqual([['a', 'free']]);
    expect(slugsAndSources(free, bare)).toEqual([['a', 'free']]);
    expect(slugsAndSources(bare, bad)).toEqual([['a', 'bare']]);
  });

  it('knows since when each model is offered, whoever describes it', () => {
    const pro = { plan: 'pro', since: 20, entries: [entry('a', 'pro')] };
    const free = { plan: 'free', since: 10, entries: [entry('a', 'free'), entry('b', 'free')] };
    expect(mergedCatalog([free, pro]).map(({ slug, since, entry: { from } }) => [slug, since, from])).toEqual([
      ['a', 10, 'pro'],
      ['b', 10, 'free'],
    ]);
  });

  it('is empty without accounts', () => {
    expect(mergedCatalog([])).toEqual([]);
  });
});

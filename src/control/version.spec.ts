import { z } from 'zod';
import { isMatched, versionOf, VOLATILE } from './version.js';

const view = z.object({ id: z.string(), name: z.string(), lastUsedAt: z.string().optional() });
VOLATILE.add(view, { fields: ['lastUsedAt'] });

describe('the version of a thing', () => {
  it('is an entity tag that stays while the thing does', () => {
    const version = versionOf(view, { id: '1', name: 'a' });
    expect(version).toMatch(/^"[\w-]{22}"$/);
    expect(versionOf(view, { id: '1', name: 'a' })).toBe(version);
    expect(versionOf(view, { id: '1', name: 'b' })).not.toBe(version);
  });

  it('does not mind what changes by itself', () => {
    const at = (lastUsedAt: string) => versionOf(view, { id: '1', name: 'a', lastUsedAt });
    expect(at('2026-01-01T00:00:00Z')).toBe(at('2026-01-02T00:00:00Z'));
    const other = z.object({ lastUsedAt: z.string() });
    expect(versionOf(other, { lastUsedAt: 'a' })).not.toBe(versionOf(other, { lastUsedAt: 'b' }));
  });

  it.each<[string, boolean]>([
    ['"a"', true],
    ['W/"a"', true],
    ['*', true],
    ['"b", "a"', true],
    ['"b"', false],
    ['a', false],
    ['', false],
  ])('is named by %j: %s', (given, is) => {
    expect(isMatched(given, '"a"')).toBe(is);
  });
});

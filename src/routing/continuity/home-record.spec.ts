import type { AccountId } from '../../core/index.js';
import { homeRecord, readHome } from './home-record.js';

const id = 'alice' as AccountId;

describe('the record of where a session is', () => {
  it.each([
    { id, atMs: 5 },
    { id, atMs: 5, since: [] },
    { id, atMs: 5, since: ['a', 'b'] },
  ])('is read as it was written: %j', (home) => {
    expect(readHome(homeRecord(home))).toEqual(home);
  });

  it('keeps the newest beginnings only', () => {
    const since = Array.from({ length: 20 }, (_, n) => `digest ${n}`);
    expect(readHome(homeRecord({ id, atMs: 5, since }))?.since).toEqual(since.slice(-8));
  });

  it.each([undefined, '', 'alice', '{}', '{"id":"alice"}', '[]', '{"id":"","atMs":1}'])(
    'is none when it is %j',
    (text) => {
      expect(readHome(text)).toBeUndefined();
    },
  );
});

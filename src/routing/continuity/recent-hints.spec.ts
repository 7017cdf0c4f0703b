import { RecentHints } from './recent-hints.js';

describe('recent hints', () => {
  it('end with their time', () => {
    const hints = new RecentHints();
    hints.set('a', 'x', 10);
    expect([hints.get('a', 9), hints.get('a', 10), hints.get('a', 9)]).toEqual(['x', undefined, undefined]);
  });

  it('forget the least recently used when there are too many', () => {
    const hints = new RecentHints(2);
    hints.set('a', 'x', 10);
    hints.set('b', 'x', 10);
    hints.get('a', 1);
    hints.set('c', 'x', 10);
    expect(['a', 'b', 'c'].map((key) => hints.get(key, 1))).toEqual(['x', undefined, 'x']);
  });
});

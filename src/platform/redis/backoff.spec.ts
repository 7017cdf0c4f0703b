import { reconnectDelayMs } from './backoff.js';

describe('reconnectDelayMs', () => {
  it('doubles up to two seconds', () => {
    const longest = [1, 2, 3, 6, 7, 1_000].map((attempt) => reconnectDelayMs(attempt, 1));
    expect(longest).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
  });

  it('leaves half of the delay to chance', () => {
    expect([reconnectDelayMs(7, 0), reconnectDelayMs(7, 0.5)]).toEqual([1_000, 1_500]);
  });
});

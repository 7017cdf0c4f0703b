import { momentWords, spanWords } from './relative-time.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a span of time', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [HOUR - 1, '59 min'],
    [HOUR, '1 h'],
    [2 * HOUR + 14 * MINUTE, '2 h 14 min'],
    [DAY, '1 d'],
    [3 * DAY + 4 * HOUR + 59 * MINUTE, '3 d 4 h'],
  ])('of %d ms is %s', (ms, words) => {
    expect(spanWords(ms)).toBe(words);
  });
});

it('a moment is in the future or in the past of another one', () => {
  expect([momentWords(2 * MINUTE, MINUTE), momentWords(MINUTE, 3 * MINUTE)]).toEqual(['in 1 min', '2 min ago']);
});

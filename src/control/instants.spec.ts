import { day, instant, isExactTime, moment } from './instants.js';

describe('times that are asked for', () => {
  it.each(['2026-01-01', '1970-01-01', '9999-12-31'])('are a day, as %s', (text) => {
    expect([day, instant].map((each) => each.safeParse(text).success)).toEqual([true, true]);
  });

  it.each(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123+02:00'])('are a moment, as %s', (text) => {
    expect([moment, instant].map((each) => each.safeParse(text).success)).toEqual([true, true]);
  });

  it.each(['0000-01-01', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-23:59', '2026-02-30', 'tomorrow', ''])(
    'are none that no database can tell, as %j',
    (text) => {
      expect([day, moment, instant].map((each) => each.safeParse(text).success)).toEqual([false, false, false]);
    },
  );
});

it.each<[string, boolean]>([
  ['2026-02-28T23:59:59.123456Z', true],
  ['2026-02-30T00:00:00.0Z', false],
  ['2026-01-01T24:00:00.0Z', false],
  ['0000-01-01T00:00:00.0Z', false],
  ['2026-01-01T00:00:00Z', false],
])('%s is an exact time: %s', (text, is) => {
  expect(isExactTime(text)).toBe(is);
});

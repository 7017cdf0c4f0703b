import { errorCodeOf, keptResult, targetOf } from './job-result.js';

const ID = '018f2a9e-7c1d-7d53-9f5e-3a1b2c4d5e6f';

describe('what is kept of a result', () => {
  it.each([
    [7, 7],
    ['still_fresh', 'still_fresh'],
    [
      { settled: 2, ids: [ID], done: true },
      { settled: 2, ids: [ID], done: true },
    ],
    [
      { big: 9n, at: new Date(0) },
      { big: 9, at: '1970-01-01T00:00:00.000Z' },
    ],
    [undefined, undefined],
    [null, undefined],
    [{ lost: undefined, not: Number.NaN }, {}],
  ])('is %p as %p', (returned, kept) => expect(keptResult(returned)).toEqual(kept));

  it('is no text that could be somebody’s words', () => {
    const returned = { message: 'your account was deactivated', 'a key': 1, list: ['fine', 'not fine'], code: 'fine' };
    expect(keptResult(returned)).toEqual({ list: ['fine'], code: 'fine' });
    expect(keptResult('two words')).toBeUndefined();
  });

  it('is bounded in breadth, depth and length', () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`n${n}`, n]));
    expect(Object.keys(keptResult(wide) as object)).toHaveLength(32);
    expect(keptResult({ a: { b: { c: { d: 1 } } } })).toEqual({ a: { b: {} } });
    const long = Array.from({ length: 32 }, () => Array.from({ length: 32 }, () => ID));
    expect(keptResult(long)).toEqual({ tooLong: true });
  });
});

describe('what is kept of an error', () => {
  it('is its code, or its type, and never its text', () => {
    expect(errorCodeOf(Object.assign(new Error('secret'), { code: '23505' }))).toBe('23505');
    expect(errorCodeOf(new TypeError('secret'))).toBe('TypeError');
    expect(errorCodeOf(Object.assign(new Error('secret'), { code: 'two words' }))).toBe('Error');
    expect(errorCodeOf(Object.assign(new Error('secret'), { name: 'two words' }))).toBe('unknown');
    expect(errorCodeOf('secret')).toBe('unknown');
  });
});

describe('the target of a job', () => {
  it('is the one id in its data', () => {
    expect(targetOf({ accountId: ID })).toBe(ID);
    expect([{}, undefined, { callIds: [ID] }, { a: ID, b: ID }, { name: 'x' }].map(targetOf)).toEqual(
      Array(5).fill(''),
    );
  });
});

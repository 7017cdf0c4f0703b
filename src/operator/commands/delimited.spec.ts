import { delimited } from './delimited.js';

describe('a line of CSV', () => {
  it('has its fields between commas, and nothing for what is not there', () => {
    expect(delimited(['ci', 12, true, null, undefined, ''])).toBe('ci,12,true,,,');
  });

  it('quotes a field with a comma, a quote or the end of a line', () => {
    expect(delimited(['a,b', 'say "hi"', 'two\r\nlines'])).toBe('"a,b","say ""hi""","two\r\nlines"');
  });

  it.each(['=1+1', '+1', '-1-1', '@SUM(A1)', '\tx', '=HYPERLINK("x","y")'])(
    'keeps %j from being a formula',
    (label) => {
      expect(delimited([label]).replace(/^"/, '').startsWith("'")).toBe(true);
    },
  );

  it('leaves numbers as they are', () => {
    expect(delimited([-1, '-0.07', '0.000001'])).toBe('-1,-0.07,0.000001');
  });
});

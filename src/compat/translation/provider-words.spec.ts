import { providerWords } from './provider-words.js';

describe('the words of a provider', () => {
  it.each([
    ['bad request with access_token=tok_abcdefghijklmnop', 'bad request with access_token=***'],
    ['{"api_key": "abc123", "n": 1}', '{"api_key": "***", "n": 1}'],
    ['sent Authorization: Bearer abc.def-ghi here', 'sent Authorization: *** here'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig is expired', 'token *** is expired'],
    ['key sk-proj-abcdef123456 is wrong', 'key *** is wrong'],
    ['account user-AbCdEf123 of a.b@example.org', 'account *** of ***'],
    ["Unsupported value: 'xyz' is not supported with 'reasoning.effort'", undefined],
    ['Your input exceeds the context window of this model.', undefined],
    ["Invalid 'max_output_tokens': 5", undefined],
  ])('of %j', (said, expected) => {
    expect(providerWords(said)).toBe(expected ?? said);
  });

  it('are one line of at most 1,000 characters', () => {
    expect(providerWords('a\n\tb\u0000c')).toBe('a b c');
    expect(providerWords('x '.repeat(1_000_000))).toHaveLength(1_000);
  });
});

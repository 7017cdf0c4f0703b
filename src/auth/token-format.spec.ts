import { createHash } from 'node:crypto';
import { mintToken, parseToken, TOKEN_RANDOM_BYTES } from './token-format.js';

const random = Buffer.from(Array.from({ length: TOKEN_RANDOM_BYTES }, (_, at) => at));
const token = mintToken(random);

describe('the format of Pool API keys', () => {
  it('is sk-cxp-, 12 hex digits and 32 bytes as base64url', () => {
    expect(token).toBe('sk-cxp-000102030405-BgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCU');
  });

  it('takes exactly the randomness it says', () => {
    expect(() => mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES - 1))).toThrow(RangeError);
  });

  it('parses into the prefix and the digest of the secret part', () => {
    const secret = token.slice('sk-cxp-000102030405-'.length);
    expect(parseToken(token)).toEqual({
      prefix: 'sk-cxp-000102030405',
      digest: createHash('sha256').update(secret).digest(),
    });
  });

  it.each([
    ['another scheme', token.replace('sk-cxp', 'sk-proj')],
    ['upper-case hex', token.replace('000102030405', '00010203040A')],
    ['a short prefix', token.replace('000102030405', '00010203040')],
    ['a short secret', token.slice(0, -1)],
    ['a long secret', `${token}A`],
    ['padding', `${token.slice(0, -1)}=`],
    ['a line feed at the end', `${token}\n`],
    ['a space in front', ` ${token}`],
    ['nothing', ''],
  ])('refuses %s', (_, malformed) => {
    expect(parseToken(malformed)).toBeUndefined();
  });
});

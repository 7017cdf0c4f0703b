import { parseCallback } from './callback.js';

const REDIRECT_URI = 'http://localhost:1455/auth/callback';
const at = (query: string, base = REDIRECT_URI) => `${base}?${query}`;
const GOOD = 'code=ac_1&state=s-1';

describe('the address that a login ended at', () => {
  it.each([
    at(`${GOOD}&scope=openid+email`),
    ` ${at(GOOD)}\r\n`,
    at(GOOD, 'http://127.0.0.1:1455/auth/callback'),
    `${at(GOOD)}#`,
  ])('holds a code and a state: %j', (text) => {
    expect(parseCallback(text, REDIRECT_URI)).toEqual({ state: 's-1', code: 'ac_1' });
  });

  it('holds the error of a provider that let nobody in', () => {
    expect(parseCallback(at('error=access_denied&error_description=No&state=s-1'), REDIRECT_URI)).toEqual({
      state: 's-1',
      refused: 'access_denied',
    });
  });

  it.each(['Access Denied', '%1b[2J', 'ac_0123456789abcdef', 'x'.repeat(80)])(
    'is not quoted for an error like %j',
    (error) => {
      expect(parseCallback(at(`state=s&error=${error}`), REDIRECT_URI)).toEqual({
        state: 's',
        refused: 'provider_refused',
      });
    },
  );

  it.each([
    ['no address', 'code=ac_1&state=s-1'],
    ['nothing', ''],
    ['another scheme', at(GOOD, 'https://localhost:1455/auth/callback')],
    ['another host', at(GOOD, 'http://localhost.example:1455/auth/callback')],
    ['another port', at(GOOD, 'http://localhost:1456/auth/callback')],
    ['no port', at(GOOD, 'http://localhost/auth/callback')],
    ['another path', at(GOOD, 'http://localhost:1455/auth/callback/')],
    ['a user', at(GOOD, 'http://me@localhost:1455/auth/callback')],
    ['no state', at('code=ac_1')],
    ['an empty state', at('code=ac_1&state=')],
    ['no code', at('state=s-1')],
    ['an empty code', at('state=s-1&code=')],
    ['a code and an error', at(`${GOOD}&error=access_denied`)],
    ['two codes', at(`${GOOD}&code=ac_2`)],
    ['two states', at(`${GOOD}&state=s-1`)],
    ['anything twice', at(`${GOOD}&scope=a&scope=b`)],
    ['no end', at(`${GOOD}&x=${'x'.repeat(9_000)}`)],
  ])('is refused with %s, and not quoted', (_, text) => {
    let thrown: unknown;
    try {
      parseCallback(text, REDIRECT_URI);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'LoginFailed', code: 'callback_invalid', status: 400 });
    expect(String(thrown)).not.toContain('ac_1');
  });
});

import { fakeJwt, fakeLogin } from '../../test/support/fake-login.js';
import type { AuthJsonReason } from './auth-json-rejected.js';
import { AuthJsonRejected } from './auth-json-rejected.js';
import { parseAuthJson } from './auth-json.js';

const NOW_MS = 1_790_000_000_000;
const AUTH = 'https://api.openai.com/auth';
const later = { exp: NOW_MS / 1000 + 3600 };
const access = (claims: object = {}): string => fakeJwt({ ...later, ...claims });
const file = (tokens: object, rest: object = {}): string => JSON.stringify({ tokens, ...rest });

const rejection = (text: string): AuthJsonReason | 'accepted' => {
  try {
    parseAuthJson(text, NOW_MS);
    return 'accepted';
  } catch (error) {
    if (error instanceof AuthJsonRejected) return error.reason;
    throw error;
  }
};

describe('auth.json', () => {
  it('gives the identity and the tokens of a login as the Codex CLI writes it', () => {
    const login = fakeLogin({ accountId: 'acc_1', userId: 'user_1', plan: 'team', expiresAtMs: NOW_MS + 60_000 });
    expect(parseAuthJson(login.authJson, NOW_MS)).toEqual({
      externalAccountId: 'acc_1',
      externalUserId: 'user_1',
      plan: 'team',
      accessToken: login.accessToken,
      refreshToken: login.refreshToken,
      idToken: login.idToken,
      accessTokenExpiresAtMs: NOW_MS + 60_000,
    });
  });

  it.each<[string, string, AuthJsonReason]>([
    ['no JSON', '{"tokens":', 'invalid_json'],
    ['an empty file', '', 'invalid_json'],
    ['an array', '[]', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['more than 64 KiB', file({ access_token: access() }, { pad: 'x'.repeat(65_536) }), 'too_large'],
    ['an API key without tokens', JSON.stringify({ OPENAI_API_KEY: 'sk-1', tokens: null }), 'api_key_only'],
    ['a personal access token', file({ access_token: 'at-secret' }), 'personal_access_token'],
    ['a personal access token as key', JSON.stringify({ OPENAI_API_KEY: 'at-secret' }), 'personal_access_token'],
    ['another auth_mode', file({ access_token: access() }, { auth_mode: 'apikey' }), 'unsupported_auth_mode'],
    ['an auth_mode that is no text', file({ access_token: access() }, { auth_mode: 1 }), 'unsupported_auth_mode'],
    ['no tokens', '{}', 'no_access_token'],
    ['a blank access token', file({ access_token: ' ' }), 'no_access_token'],
    ['an access token that is no JWT', file({ access_token: 'opaque' }), 'unparsable_token'],
    ['an access token with a line break', file({ access_token: `${access()}\r\nx` }), 'unparsable_token'],
    ['an id token that is no JWT', file({ access_token: access(), id_token: 'a.b.c' }), 'unparsable_token'],
    ['an expired access token alone', file({ access_token: access({ exp: 1 }) }), 'expired_without_refresh_token'],
    [
      'an account id that the id token contradicts',
      file({ access_token: access(), id_token: fakeJwt({ chatgpt_account_id: 'a' }), account_id: 'b' }),
      'account_mismatch',
    ],
    [
      'tokens of two accounts',
      file({
        access_token: access({ [AUTH]: { chatgpt_account_id: 'a' } }),
        id_token: fakeJwt({ [AUTH]: { chatgpt_account_id: 'b' } }),
      }),
      'account_mismatch',
    ],
    [
      'tokens of two users',
      file({
        access_token: access({ [AUTH]: { chatgpt_user_id: 'a' } }),
        id_token: fakeJwt({ [AUTH]: { chatgpt_user_id: 'b' } }),
      }),
      'account_mismatch',
    ],
  ])('refuses %s', (_, text, reason) => {
    expect(rejection(text)).toBe(reason);
  });

  it.each<[string, string]>([
    ['auth_mode chatgpt', file({ access_token: access() }, { auth_mode: 'chatgpt' })],
    ['auth_mode null', file({ access_token: access() }, { auth_mode: null })],
    ['no auth_mode', file({ access_token: access() })],
    ['an API key beside tokens', file({ access_token: access() }, { OPENAI_API_KEY: 'sk-1' })],
    ['an expired access token with a refresh token', file({ access_token: access({ exp: 1 }), refresh_token: 'rt' })],
    ['an access token without an end', file({ access_token: fakeJwt({}) })],
    ['a byte order mark', `\uFEFF${file({ access_token: access() })}`],
  ])('accepts %s', (_, text) => {
    expect(rejection(text)).toBe('accepted');
  });

  it.each<[string, object]>([
    ['tokens.account_id', { access_token: access(), account_id: 'acc_1' }],
    ['the id token', { access_token: access(), id_token: fakeJwt({ [AUTH]: { chatgpt_account_id: 'acc_1' } }) }],
    ['the top of the id token', { access_token: access(), id_token: fakeJwt({ chatgpt_account_id: 'acc_1' }) }],
    ['the access token', { access_token: access({ [AUTH]: { chatgpt_account_id: 'acc_1' } }) }],
    ['the top of the access token', { access_token: access({ chatgpt_account_id: 'acc_1' }) }],
  ])('finds the account id in %s', (_, tokens) => {
    expect(parseAuthJson(file(tokens), NOW_MS).externalAccountId).toBe('acc_1');
  });

  it.each(['workspace_id', 'chatgpt_workspace_id', 'organization_id'])(
    'finds the workspace in %s, and the seat',
    (claim) => {
      const identity = { [AUTH]: { [claim]: 'ws_1', seat_type: 'standard' } };
      const inIdToken = parseAuthJson(file({ access_token: access(), id_token: fakeJwt(identity) }), NOW_MS);
      const inAccessToken = parseAuthJson(file({ access_token: access(identity) }), NOW_MS);
      for (const login of [inIdToken, inAccessToken]) {
        expect(login).toMatchObject({ externalWorkspaceId: 'ws_1', seatType: 'standard' });
      }
    },
  );

  it('tells users apart by their subject when the tokens name none', () => {
    expect(parseAuthJson(file({ access_token: access({ sub: 'auth0|1' }) }), NOW_MS).externalUserId).toBe('auth0|1');
  });

  it('holds no part of the file in an error', () => {
    const secret = 'rt-canary-4711';
    for (const text of [`{"${secret}`, file({ access_token: secret }), JSON.stringify([secret])]) {
      try {
        parseAuthJson(text, NOW_MS);
        throw new Error('accepted');
      } catch (error) {
        const { message, stack, cause } = error as Error;
        expect(`${message} ${stack} ${String(cause)}`).not.toContain(secret);
        expect(error).toBeInstanceOf(AuthJsonRejected);
      }
    }
  });
});

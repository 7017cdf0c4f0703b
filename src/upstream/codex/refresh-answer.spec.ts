import { deadTokenReason, tokensOf } from './refresh-answer.js';

describe('the answer to a refresh', () => {
  it.each<[number, string, string | undefined]>([
    [400, '{"error":"invalid_grant"}', 'invalid_grant'],
    [401, '{"error":{"code":"refresh_token_reused","message":"m"}}', 'refresh_token_reused'],
    [401, '{"error":{"code":"refresh_token_expired"}}', 'refresh_token_expired'],
    [403, '{"code":"token_expired"}', 'token_expired'],
    [400, '{"error":"bad","error_description":"token was revoked"}', 'revoked'],
    [400, '{"error":"invalid_client"}', undefined],
    [401, '', undefined],
    [429, '{"error":"invalid_grant"}', undefined],
    [500, '{"error":"invalid_grant"}', undefined],
  ])('%i %s means %s', (status, body, reason) => {
    expect(deadTokenReason(status, body)).toBe(reason);
  });

  it('may leave the refresh token as it was', () => {
    expect(tokensOf('{"access_token":"a"}')).toEqual({ accessToken: 'a' });
    expect(tokensOf('{"access_token":"a","refresh_token":"r","id_token":"i"}')).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      idToken: 'i',
    });
  });

  it.each(['', '[]', '{}', '{"access_token":7}', '{"access_token":""}', '{"access_token":"a\\nb"}', '<html>'])(
    'is no token in %s',
    (body) => {
      expect(tokensOf(body)).toBeUndefined();
    },
  );
});

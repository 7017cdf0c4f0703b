import { authorizationOf } from './credential.js';

const of = (path: string, headers: Record<string, string>) => authorizationOf({ path, headers });

describe('authorizationOf', () => {
  it('takes x-api-key for the key on the Messages routes', () => {
    expect(of('/v1/messages', { 'x-api-key': 'sk-1' })).toBe('Bearer sk-1');
    expect(of('/v1/messages/count_tokens', { 'x-api-key': 'sk-1' })).toBe('Bearer sk-1');
  });

  it('looks at no x-api-key anywhere else', () => {
    expect(of('/v1/responses', { 'x-api-key': 'sk-1' })).toBeUndefined();
    expect(of('/v1/messages-of-mine', { 'x-api-key': 'sk-1', authorization: 'Bearer sk-2' })).toBe('Bearer sk-2');
  });

  it.each(['bearer', 'BEARER', 'Bearer'])('knows the scheme %s below /v1, and its own case elsewhere', (scheme) => {
    const authorization = `${scheme} sk-1`;
    expect(of('/v1/models', { authorization })).toBe('Bearer sk-1');
    expect(of('/backend-api/codex/models', { authorization })).toBe(authorization);
  });

  it('takes both when they agree', () => {
    expect(of('/v1/messages', { 'x-api-key': 'sk-1', authorization: 'Bearer sk-1' })).toBe('Bearer sk-1');
    expect(of('/v1/messages', { 'x-api-key': 'sk-1', authorization: 'bearer sk-1' })).toBe('Bearer sk-1');
  });

  it('refuses two keys', () => {
    expect(() => of('/v1/messages', { 'x-api-key': 'sk-1', authorization: 'Bearer sk-2' })).toThrow(
      expect.objectContaining({ code: 'api_key_missing' }) as Error,
    );
  });
});

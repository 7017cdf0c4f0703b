import { AccountRefused } from './account-refused.js';
import { apiKeyLogin } from './api-key-login.js';

describe('an API key as a login', () => {
  it('is known again by its digest, whatever blanks it comes with', () => {
    const login = apiKeyLogin('sk-proj-0123456789');
    expect(apiKeyLogin(' sk-proj-0123456789\n')).toEqual(login);
    expect(login.externalAccountId).toMatch(/^[0-9a-f]{64}$/);
    expect(login).not.toHaveProperty('refreshToken');
    expect(apiKeyLogin('sk-proj-0123456780').externalAccountId).not.toBe(login.externalAccountId);
  });

  it.each([[''], ['short'], ['two words in it'], ['sk-proj-ümlaut-key'], ['k'.repeat(513)]])('cannot be %j', (text) => {
    expect(() => apiKeyLogin(text)).toThrow(new AccountRefused('api_key_unreadable'));
  });
});

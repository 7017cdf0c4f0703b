import { authorizeUrl } from './authorize-url.js';

describe('the page of a login', () => {
  // The verifier and the challenge of RFC 7636, appendix B.
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

  it('is asked for with exactly the fields of the Codex CLI', () => {
    const url = new URL(authorizeUrl('https://auth.example/base', { state: 'S-_1', verifier }));
    expect(`${url.origin}${url.pathname}`).toBe('https://auth.example/base/oauth/authorize');
    expect([...url.searchParams]).toEqual([
      ['response_type', 'code'],
      ['client_id', 'app_EMoamEEZ73f0CkXaXp7hrann'],
      ['redirect_uri', 'http://localhost:1455/auth/callback'],
      ['scope', 'openid profile email offline_access api.connectors.read api.connectors.invoke'],
      ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
      ['code_challenge_method', 'S256'],
      ['id_token_add_organizations', 'true'],
      ['codex_cli_simplified_flow', 'true'],
      ['state', 'S-_1'],
      ['originator', 'codex_cli_rs'],
    ]);
  });

  it('says nothing of the verifier but its digest', () => {
    expect(authorizeUrl('https://auth.example', { state: 's', verifier })).not.toContain(verifier);
  });
});

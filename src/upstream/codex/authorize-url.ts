import { createHash } from 'node:crypto';
import type { LoginChallenge } from '../../core/index.js';

/** The public client of the Codex CLI: logins made with it can only be refreshed by it. */
export const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';

/** The one address that the provider sends browsers of this client to. */
export const REDIRECT_URI = 'http://localhost:1455/auth/callback';

const SCOPE = 'openid profile email offline_access api.connectors.read api.connectors.invoke';

/** The page at which somebody signs in, as the Codex CLI asks for it. @param issuer without a slash at its end */
export function authorizeUrl(issuer: string, { state, verifier }: LoginChallenge): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    state,
    originator: 'codex_cli_rs',
  });
  return `${issuer}/oauth/authorize?${query.toString()}`;
}

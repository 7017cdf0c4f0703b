import { AuthJsonRejected } from './auth-json-rejected.js';
import { claimsOf, type TokenClaims } from './jwt-claims.js';
import { present } from './present.js';

/** One Codex login: who it is, and its secrets. */
export interface CodexLogin {
  readonly externalAccountId?: string;
  readonly externalUserId?: string;
  readonly plan?: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly accessTokenExpiresAtMs?: number;
}

const MAX_BYTES = 64 * 1024;
/** Personal access tokens start like this; the Codex backend's account routes refuse them. */
const PERSONAL_ACCESS_TOKEN = 'at-';
const HEADER_SAFE = /^[\x21-\x7e]+$/;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
};

/**
 * Read a login file as `codex login` writes it.
 *
 * `auth_mode` may be `chatgpt`, null or absent. A refresh token is needed only once the access token has expired. The
 * account id may stand in `tokens.account_id`, the id token, or the access token (inside the provider's claim or beside
 * it); where it stands more than once it must agree.
 *
 * @param nowMs Unix time in milliseconds
 * @throws AuthJsonRejected
 */
export function parseAuthJson(file: string, nowMs: number): CodexLogin {
  const root = rootOf(file);
  const tokens = isObject(root.tokens) ? root.tokens : {};
  const accessToken = text(tokens.access_token);
  refuseOtherLogins(root, accessToken);
  if (accessToken === undefined) throw new AuthJsonRejected('no_access_token');

  const idToken = text(tokens.id_token);
  const refreshToken = text(tokens.refresh_token);
  const access = readable(accessToken);
  const identity: TokenClaims = idToken === undefined ? {} : readable(idToken);
  if (isOver(access, nowMs) && refreshToken === undefined) throw new AuthJsonRejected('expired_without_refresh_token');
  return {
    accessToken,
    ...present({
      refreshToken,
      idToken,
      externalAccountId: agreed(text(tokens.account_id), identity.accountId, access.accountId),
      externalUserId: agreed(identity.userId, access.userId) ?? identity.subject ?? access.subject,
      plan: identity.plan ?? access.plan,
      accessTokenExpiresAtMs: access.expiresAtMs,
    }),
  };
}

const isOver = ({ expiresAtMs }: TokenClaims, nowMs: number): boolean =>
  expiresAtMs !== undefined && expiresAtMs <= nowMs;

function rootOf(file: string): Fields {
  if (Buffer.byteLength(file) > MAX_BYTES) throw new AuthJsonRejected('too_large');
  let root: unknown;
  try {
    root = JSON.parse(file.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's message quotes the text, so it is not kept as a cause.
    throw new AuthJsonRejected('invalid_json');
  }
  if (!isObject(root)) throw new AuthJsonRejected('not_an_object');
  return root;
}

function refuseOtherLogins(root: Fields, accessToken: string | undefined): void {
  const apiKey = text(root.OPENAI_API_KEY);
  const personal = accessToken ?? text(root.personal_access_token) ?? apiKey;
  if (personal?.startsWith(PERSONAL_ACCESS_TOKEN)) throw new AuthJsonRejected('personal_access_token');
  if (accessToken === undefined && apiKey !== undefined) throw new AuthJsonRejected('api_key_only');
  const mode = root.auth_mode;
  if (mode === undefined || mode === null) return;
  if (typeof mode !== 'string' || mode.toLowerCase() !== 'chatgpt') throw new AuthJsonRejected('unsupported_auth_mode');
}

function readable(token: string): TokenClaims {
  const claims = claimsOf(token);
  if (claims === undefined || !HEADER_SAFE.test(token)) throw new AuthJsonRejected('unparsable_token');
  return claims;
}

/** The one value that all places which have it agree on. */
function agreed(...values: readonly (string | undefined)[]): string | undefined {
  const known = new Set(values.filter((value) => value !== undefined));
  if (known.size > 1) throw new AuthJsonRejected('account_mismatch');
  return [...known][0];
}

import { AuthJsonRejected } from './auth-json-rejected.js';
import { codexLogin, type CodexLogin } from './lifecycle/codex-login.js';
import { present } from './present.js';

const MAX_BYTES = 64 * 1024;
/** Personal access tokens start like this; the Codex backend's account routes refuse them. */
const PERSONAL_ACCESS_TOKEN = 'at-';

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
 * `auth_mode` may be `chatgpt`, null or absent. A refresh token is needed only once the access token has expired.
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

  const others = present({ idToken: text(tokens.id_token), refreshToken: text(tokens.refresh_token) });
  const login = codexLogin({ accessToken, ...others }, text(tokens.account_id));
  const isOver = login.accessTokenExpiresAtMs !== undefined && login.accessTokenExpiresAtMs <= nowMs;
  if (isOver && login.refreshToken === undefined) throw new AuthJsonRejected('expired_without_refresh_token');
  return login;
}

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

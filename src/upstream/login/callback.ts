import { LoginFailed } from './login-failed.js';
import { isSafeReason } from './safe-reason.js';

/** What the provider sent the browser back with. Holds secrets: never logged. */
export type Callback = { readonly state: string } & (
  | { readonly code: string }
  /** A safe token. */
  | { readonly refused: string }
);

const MAX_CHARS = 8_192;
const LOOPBACK = new Set(['localhost', '127.0.0.1']);

/**
 * Read the address that a login in a browser ended at. Nothing listens there: the operator copies it from the browser.
 *
 * @param redirectUri the one that the login asked for; `127.0.0.1` may stand for its `localhost`
 * @throws LoginFailed `callback_invalid`
 */
export function parseCallback(pasted: string, redirectUri: string): Callback {
  const text = pasted.trim();
  if (text.length > MAX_CHARS || !URL.canParse(text)) throw new LoginFailed('callback_invalid');
  const url = new URL(text);
  if (!leadsTo(url, new URL(redirectUri))) throw new LoginFailed('callback_invalid');
  const fields = single(url.searchParams);
  const [state, code, error] = ['state', 'code', 'error'].map((name) => fields.get(name));
  if (!state || (code ? error : !error)) throw new LoginFailed('callback_invalid');
  if (code) return { state, code };
  return { state, refused: error && isSafeReason(error) ? error : 'provider_refused' };
}

function leadsTo(url: URL, wanted: URL): boolean {
  const isThere = url.hostname === wanted.hostname || (LOOPBACK.has(url.hostname) && LOOPBACK.has(wanted.hostname));
  return (
    isThere &&
    url.protocol === wanted.protocol &&
    url.port === wanted.port &&
    url.pathname === wanted.pathname &&
    url.username + url.password === ''
  );
}

/** @throws LoginFailed when a name comes twice: nobody can say which one counts */
function single(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const fields = new Map(parameters);
  if (fields.size !== parameters.size) throw new LoginFailed('callback_invalid');
  return fields;
}

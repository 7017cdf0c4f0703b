/** What must not be passed on of a provider's message: credentials, and whose account it is about. */
const SECRETS: readonly RegExp[] = [
  /\bBearer\s+[\w.~+/-]+=*/gi,
  /\beyJ[\w-]{4,}(?:\.[\w-]+)*/g,
  /\b(?:sk|rt|sess|at|mcp|opr)[-_][\w-]{6,}/g,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  /\b(?:org|user|acct?|account|proj|workspace)[-_][A-Za-z0-9]{6,}/g,
];
/** `access_token=…`, `"api_key": "…"` and their like: the name stays, the value goes. */
const NAMED_SECRET =
  /((?:access|refresh|id)?_?(?:token|secret|password|api[_-]?key|authorization|cookie)["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi;
const MAX_LENGTH = 1_000;
const MASK = '***';

/**
 * A provider's error message as a client may read it: on one line, at most 1,000 characters, without anything that looks
 * like a credential, an address or an account.
 */
export function providerWords(message: string): string {
  const line = message
    .slice(0, 4 * MAX_LENGTH)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const masked = SECRETS.reduce((text, secret) => text.replace(secret, MASK), line);
  return masked.replace(NAMED_SECRET, `$1${MASK}`).slice(0, MAX_LENGTH);
}

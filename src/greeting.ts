import type { StartReport } from './operator/index.js';

export const answersAt = (url: string): string => `Codex Pooler answers at ${url}`;

/** What a person who just started a gateway wants to read next. */
export function greeting(url: string, { minted, accounts, imported, importable }: StartReport): string[] {
  return [
    answersAt(url),
    ...minted.map(({ what, token }) => `New ${what}, shown this once: ${token}`),
    ...(imported === undefined ? [] : [`Imported this machine's Codex login as account "${imported}".`]),
    ...(accounts > 0 ? [] : ['There is no upstream account yet, so nothing can be served.']),
    ...(importable === undefined
      ? []
      : [`A Codex login was found at ${importable}. To import it: npm start -- --import-auth`]),
    ...(accounts > 0 || importable !== undefined
      ? []
      : ['To add one: codex-pooler account import ~/.codex/auth.json --label me --pool default']),
    `Codex CLI base_url: ${url}/backend-api/codex`,
  ];
}

import type { LocalReport, StartReport } from './operator/index.js';

export const answersAt = (url: string): string => `Codex Pooler answers at ${url}`;

/** Where each kind of client is pointed. */
const addresses = (url: string): readonly string[] => [
  `OpenAI base_url: ${url}/v1`,
  `Anthropic base_url: ${url}`,
  `Codex CLI base_url: ${url}/backend-api/codex`,
];

const shownOnce = (minted: StartReport['minted']): string[] =>
  minted.map(({ what, token }) => `New ${what}, shown this once: ${token}`);

/** What a person who just started a gateway wants to read next. */
export function greeting(url: string, { minted, accounts, imported, importable }: StartReport): string[] {
  return [
    answersAt(url),
    ...shownOnce(minted),
    ...(imported === undefined ? [] : [`Imported this machine's Codex login as account "${imported}".`]),
    ...(accounts > 0 ? [] : ['There is no upstream account yet, so nothing can be served.']),
    ...(importable === undefined
      ? []
      : [`A Codex login was found at ${importable}. To import it: npm start -- --import-auth`]),
    ...(accounts > 0 || importable !== undefined
      ? []
      : ['To add one: codex-pooler account import ~/.codex/auth.json --label me --pool default']),
    ...addresses(url),
  ];
}

/** The same for one who started it for themselves. */
export function localGreeting(url: string, local: LocalReport, minted: StartReport['minted'] = []): string[] {
  const { imported, refused, accounts, model, keyWanted } = local;
  return [
    answersAt(url),
    ...shownOnce(minted),
    ...(imported === undefined ? [] : [`It serves with this machine's Codex login, account "${imported}".`]),
    ...(refused === undefined ? [] : [`It serves with the login it had before. ${refused}`]),
    ...(accounts > 0 ? [] : ['There is no Codex login yet, so nothing can be served: codex login, then start again.']),
    keyWanted ? 'It asks for the key that was set.' : 'It asks for no key: every program on this machine may use it.',
    `A request that names no model gets ${model}.`,
    'It is for your own login and your own use.',
    ...addresses(url),
  ];
}

/** How we name ourselves to the upstream when a call brings no client of its own. Equals `version` in package.json. */
export const GATEWAY_VERSION = '0.1.0';

/** Our own name, and the client version whose catalog and behaviour we follow. */
export const ownIdentity = (clientVersion: string): Readonly<Record<string, string>> => ({
  originator: 'codex-pooler',
  'user-agent': `codex-pooler/${GATEWAY_VERSION}`,
  version: clientVersion,
});

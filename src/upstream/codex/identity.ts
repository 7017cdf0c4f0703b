import { USER_AGENT } from '../transport/identity.js';

/** Our own name, and the client version whose catalog and behaviour we follow. */
export const ownIdentity = (clientVersion: string): Readonly<Record<string, string>> => ({
  originator: 'codex-pooler',
  'user-agent': USER_AGENT,
  version: clientVersion,
});

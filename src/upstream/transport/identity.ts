/** Equals `version` in package.json. */
export const GATEWAY_VERSION = '0.1.0';

/** How we name ourselves to an upstream when a call brings no client of its own. */
export const USER_AGENT = `codex-pooler/${GATEWAY_VERSION}`;

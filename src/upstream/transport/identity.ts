import { GATEWAY_VERSION } from '../../core/index.js';

/** How we name ourselves to an upstream when a call brings no client of its own. */
export const USER_AGENT = `codex-pooler/${GATEWAY_VERSION}`;

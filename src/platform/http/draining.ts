import { GatewayError } from '../../core/index.js';
import type { IngressStep } from './ingress.js';

/** What everybody may ask at any time who can reach us: they tell nothing and do nothing. */
export const PROBES: readonly string[] = ['/livez', '/healthz', '/startupz', '/readyz'];

/** Soon enough for another replica to be found, or for this one to be back. */
const RETRY_AFTER_MS = 1_000;

export const restarting = (): GatewayError =>
  new GatewayError('draining', 'The gateway is restarting; try again.', { retryAfterMs: RETRY_AFTER_MS });

/** Begins nothing that is new once the process goes; probes are answered to the end. */
export const drainStep =
  (live: { readonly refusing: boolean }): IngressStep =>
  ({ path }) => {
    if (live.refusing && !PROBES.includes(path)) throw restarting();
    return undefined;
  };

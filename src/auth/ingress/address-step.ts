import { GatewayError } from '../../core/index.js';
import type { IngressStep } from '../../platform/http/index.js';
import { guardOf, verdictOf } from './address-verdict.js';
import type { IngressCounts } from './ingress-counts.service.js';
import type { IngressSettings } from './ingress-settings.js';

interface Rules {
  /** @throws GatewayError `settings_unavailable` */
  settings(): IngressSettings | Promise<IngressSettings>;
}

/**
 * The first step of all: lets in who may call from where he calls, and says for all that follows which address that is.
 * It comes before anything is looked up for the request.
 */
export const addressStep =
  (rules: Rules, counts: Pick<IngressCounts, 'add'>): IngressStep =>
  async (request) => {
    const guarded = guardOf(request.path);
    if (guarded === undefined) return undefined;
    const settings = await settingsFor(
      () => rules.settings(),
      () => counts.add('rules_unavailable', guarded),
    );
    const verdict = verdictOf(settings, guarded, request);
    delete request.address;
    if (!verdict.ok) {
      counts.add(verdict.why === 'address' ? 'address_denied' : 'forwarding_denied', guarded);
      throw new GatewayError('access_denied', 'This gateway may not be used from this address.');
    }
    if (verdict.address !== undefined) request.address = verdict.address;
    return undefined;
  };

async function settingsFor(
  read: () => IngressSettings | Promise<IngressSettings>,
  failed: () => void,
): Promise<IngressSettings> {
  try {
    return await read();
  } catch (error) {
    failed();
    throw error;
  }
}

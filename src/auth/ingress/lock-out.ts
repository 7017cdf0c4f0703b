import { isListed } from './address-verdict.js';
import type { IngressSettings } from './ingress-settings.js';

/**
 * Why somebody who asks the operators' API from this address might not get there any more after a change of the rules.
 *
 * @returns a sentence for them; undefined when nothing changes for them
 */
export function lockOut(before: IngressSettings, after: IngressSettings, address: string): string | undefined {
  if (!isListed(after.operatorAllowList, address)) return `Your own address, ${address}, would be on no list.`;
  if (after.operatorAllowList.length === 0 || forwardingOf(before) === forwardingOf(after)) return undefined;
  return 'The address that you would be known by may be on no list.';
}

const forwardingOf = ({ source, depth, trustedProxies }: IngressSettings): string =>
  JSON.stringify([source, depth, [...trustedProxies].sort()]);

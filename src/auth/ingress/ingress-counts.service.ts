import { Injectable } from '@nestjs/common';
import { count } from '../../platform/metrics/index.js';
import type { Guarded } from './address-verdict.js';

/** Where a credential is shown. Each has counts, and buckets, of its own. */
export type CredentialDoor = 'pool_key' | 'account' | 'operator' | 'mcp';

interface Counted {
  /** The address is on no list. */
  readonly address_denied: Guarded;
  /** What a proxy says of the address cannot be believed. */
  readonly forwarding_denied: Guarded;
  /** The rules are not known yet. */
  readonly rules_unavailable: Guarded;
  readonly credential_failed: CredentialDoor;
  readonly credential_throttled: CredentialDoor;
}

export interface IngressCount {
  readonly reason: keyof Counted;
  readonly at: Guarded | CredentialDoor;
  /** Since the process began. */
  readonly count: number;
}

/** How often somebody was turned away at the door, and why: numbers only, however many knock. */
@Injectable()
export class IngressCounts {
  private readonly counts = new Map<string, IngressCount>();

  add<R extends keyof Counted>(reason: R, at: Counted[R]): void {
    const name = `${reason} ${at}`;
    this.counts.set(name, { reason, at, count: (this.counts.get(name)?.count ?? 0) + 1 });
    if (reason === 'credential_failed' || reason === 'credential_throttled') {
      count('gw_login_failures_total', { reason, door: at });
    } else count('gw_firewall_denied_total', { reason, scope: at });
  }

  /** What never happened is not in it. */
  numbers(): readonly IngressCount[] {
    return [...this.counts.values()];
  }
}

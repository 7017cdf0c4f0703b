import { Injectable } from '@nestjs/common';
import type { AccountId, Principal, RoutedCall } from '../core/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { sessionDigest } from './session-digest.js';

/** As long as an upstream prompt cache can be expected to be worth returning to. */
const AFFINITY_MS = 24 * 60 * 60 * 1000;

/** Which account last served a session. A hint: when shared state is away, calls are routed without it. */
@Injectable()
export class AffinityService {
  constructor(private readonly shared: SharedState) {}

  async lastAccount(call: RoutedCall, caller: Principal): Promise<AccountId | undefined> {
    const digest = sessionDigest(call, caller);
    if (!digest) return undefined;
    const found = await this.shared.get(affinityKey(digest)).catch(() => undefined);
    return found as AccountId | undefined;
  }

  /** Never fails and need not be awaited. */
  async remember(call: RoutedCall, caller: Principal, account: AccountId): Promise<void> {
    const digest = sessionDigest(call, caller);
    if (digest) await this.shared.put(affinityKey(digest), account, AFFINITY_MS).catch(() => undefined);
  }
}

const affinityKey = (digest: Buffer): string => `affinity:${digest.toString('base64url')}`;

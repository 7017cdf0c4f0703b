import type { AccountId } from '../core/index.js';
import type { Readings } from '../platform/metrics/index.js';

/** An account that nobody looked at for so long is of a Pool without calls, or gone. */
const FORGET_MS = 600_000;

/** Which accounts this process has to do with, for who counts what they are serving. */
export class SeenAccounts {
  private readonly seen = new Map<AccountId, { readonly label: string; readonly atMs: number }>();

  see(id: AccountId, label: string, atMs: number): void {
    this.seen.set(id, { label, atMs });
  }

  /** @param serving how many calls of this process an account is serving */
  readings(serving: (id: AccountId) => number, nowMs: number): Readings {
    for (const [id, { atMs }] of this.seen) if (atMs + FORGET_MS < nowMs && serving(id) === 0) this.seen.delete(id);
    return {
      gw_account_inflight: [...this.seen].map(([id, { label }]) => ({
        labels: { account: label },
        value: serving(id),
      })),
    };
  }
}

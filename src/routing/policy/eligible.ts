import type { AccountSnapshot, QuotaVerdict } from '../../upstream/index.js';

/** An account that may serve a call, with what its place among the others depends on. */
export interface Eligible {
  readonly account: AccountSnapshot;
  readonly quota: QuotaVerdict;
  /** Its circuit was open: one call at a time tries whether it does again. */
  readonly halfOpen: boolean;
  /** How many of its places are taken: 0–100. */
  readonly load: number;
}

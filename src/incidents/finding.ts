import type { PoolId } from '../core/index.js';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type TargetKind = 'pool' | 'account' | 'key' | 'job';

/** Numbers, ids and codes: nothing that a client or a provider wrote. */
export type Evidence = Readonly<
  Record<string, string | number | boolean | readonly string[] | Readonly<Record<string, number>>>
>;

/** What a rule is broken by now. */
export interface Finding {
  readonly target: {
    readonly kind: TargetKind;
    readonly id: string;
    /** Operator's name for it. */
    readonly label: string;
    /** Whose operators it concerns. */
    readonly poolIds: readonly PoolId[];
  };
  /** Tells several findings of one rule and target apart. */
  readonly part?: string;
  /** A code, such as `no_usable_accounts`. */
  readonly reason: string;
  readonly evidence: Evidence;
}

import type { Severity } from './finding.js';
import type { RuleKind, RuleParams } from './rule-params.js';

/** A rule as it holds: its params were checked, and have their defaults. */
export interface StoredRule {
  readonly id: string;
  readonly name: string;
  readonly kind: RuleKind;
  readonly params: RuleParams;
  readonly severity: Severity;
  readonly cooldownSeconds: number;
  readonly enabled: boolean;
  /** It came with the installation. */
  readonly builtIn: boolean;
}

import { authState, quotaThreshold, tokenExpiring } from './account-rules.js';
import type { Finding } from './finding.js';
import { allInState, lowUsableAccounts, noUsableAccounts } from './pool-rules.js';
import { paramsOf, type RuleKind, type RuleParams } from './rule-params.js';
import { budgetThreshold, jobFailing, keyErrorRate, poolErrorRate } from './usage-rules.js';
import type { Watched } from './watched.js';

type Judge<Kind extends RuleKind> = (params: RuleParams<Kind>, watched: Watched) => Finding[];

const JUDGES: { readonly [Kind in RuleKind]: Judge<Kind> } = {
  pool_no_usable_accounts: noUsableAccounts,
  pool_low_usable_accounts: lowUsableAccounts,
  pool_all_accounts_in_state: allInState,
  account_quota_threshold: quotaThreshold,
  account_auth_state: authState,
  key_budget_threshold: budgetThreshold,
  key_error_rate: keyErrorRate,
  pool_error_rate: poolErrorRate,
  token_expiring_soon: tokenExpiring,
  job_failing: jobFailing,
};

/** What a rule is broken by. @throws RuleRefused for params that were not checked */
export function findingsOf(rule: { readonly kind: RuleKind; readonly params: unknown }, watched: Watched): Finding[] {
  return JUDGES[rule.kind](paramsOf(rule.kind, rule.params) as never, watched);
}

/** Names what was found, so that the same thing is known when it is found again. */
export const dedupeKey = (ruleId: string, { target, part }: Finding): string =>
  [ruleId, target.kind, target.id, ...(part === undefined ? [] : [part])].join(':');

import { ACCOUNT_METER } from '../core/index.js';
import type { AccountState } from '../upstream/index.js';
import type { Finding } from './finding.js';
import type { QUOTA_WINDOWS, RuleParams } from './rule-params.js';
import type { Watched } from './watched.js';

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** One try that fails is followed by another soon. */
const FAILURES_IN_A_ROW = 2;

export function quotaThreshold(params: RuleParams<'account_quota_threshold'>, watched: Watched): Finding[] {
  return accountsOf(watched, params.accountId).flatMap((account) =>
    account.windows
      .filter(({ resetsAtMs, usedPercent }) => resetsAtMs > watched.nowMs && usedPercent >= params.percent)
      .filter((window) => isSelected(params.window, window))
      .map(({ limitId, windowMinutes, usedPercent, resetsAtMs }) => ({
        target: accountTarget(account),
        part: `${limitId} ${windowMinutes}`,
        reason: usedPercent >= 100 ? 'quota_spent' : 'quota_threshold',
        evidence: { limitId, windowMinutes, usedPercent, percent: params.percent, resetsAt: instant(resetsAtMs) },
      })),
  );
}

function isSelected(
  selector: (typeof QUOTA_WINDOWS)[number],
  { limitId, windowMinutes }: Pick<AccountState['windows'][number], 'limitId' | 'windowMinutes'>,
): boolean {
  if (selector === 'any') return true;
  const whose = limitId === ACCOUNT_METER ? 'account' : 'model';
  return selector === `${whose}_${windowMinutes < DAY_MINUTES ? 'primary' : 'secondary'}`;
}

export function authState(params: RuleParams<'account_auth_state'>, watched: Watched): Finding[] {
  return accountsOf(watched, params.accountId).flatMap((account) => {
    const state = authStateOf(account);
    if (state === undefined || (params.state !== 'any' && params.state !== state)) return [];
    const { refreshFailures, accessTokenExpiresAtMs } = account;
    const evidence = { state, refreshFailures, ...expiry(accessTokenExpiresAtMs) };
    return [{ target: accountTarget(account), part: state, reason: state, evidence }];
  });
}

function authStateOf(account: AccountState): 'login_required' | 'refresh_failed' | 'outcome_unknown' | undefined {
  if (account.status === 'login_required') return 'login_required';
  if (account.status === 'paused') return undefined;
  if (account.refreshState === 'outcome_unknown') return 'outcome_unknown';
  return account.refreshState === 'failed' && account.refreshFailures >= FAILURES_IN_A_ROW
    ? 'refresh_failed'
    : undefined;
}

export function tokenExpiring(params: RuleParams<'token_expiring_soon'>, watched: Watched): Finding[] {
  const withinMs = params.minutes === undefined ? watched.refreshMarginMs / 2 : params.minutes * MINUTE_MS;
  return accountsOf(watched, params.accountId).flatMap((account) => {
    const { accessTokenExpiresAtMs: endsAtMs, refreshState, status } = account;
    if (endsAtMs === undefined || !['active', 'draining'].includes(status)) return [];
    if (endsAtMs - watched.nowMs >= withinMs) return [];
    const reason = endsAtMs <= watched.nowMs ? 'token_expired' : 'token_expiring';
    return [{ target: accountTarget(account), reason, evidence: { refreshState, ...expiry(endsAtMs) } }];
  });
}

const accountsOf = ({ accounts }: Watched, accountId: string | undefined): readonly AccountState[] =>
  accounts.filter(({ id, status }) => status !== 'deleted' && (accountId === undefined || id === accountId));

const accountTarget = ({ id, label, assignments }: AccountState): Finding['target'] => ({
  kind: 'account',
  id,
  label,
  poolIds: assignments.map(({ poolId }) => poolId),
});

const instant = (ms: number): string => new Date(ms).toISOString();

const expiry = (ms: number | undefined) => (ms === undefined ? {} : { accessTokenExpiresAt: instant(ms) });

import { quotaVerdict, type AccountState } from '../upstream/index.js';

/** What an account is to be usable for. */
export interface Wanted {
  readonly model?: string | undefined;
  readonly routeClass?: string | undefined;
}

/** Why an account serves nothing of what is wanted. */
export type UnusableReason =
  'paused' | 'draining' | 'login_required' | 'no_model' | 'quota' | 'cooling' | 'circuit' | 'refresh_unknown';

/** @returns undefined when it is usable, as far as is written down */
export function unusableReason(account: AccountState, wanted: Wanted, nowMs: number): UnusableReason | undefined {
  const { status, models, coolingUntilMs = 0 } = account;
  if (status !== 'active') return status === 'deleted' ? 'paused' : status;
  if (wanted.model !== undefined && models?.includes(wanted.model) === false) return 'no_model';
  if (coolingUntilMs > nowMs) return 'cooling';
  if (quotaVerdict(account, wanted.model ?? '', nowMs).verdict === 'block') return 'quota';
  if (isShut(account, wanted)) return 'circuit';
  return hasNoToken(account, nowMs) ? 'refresh_unknown' : undefined;
}

/** Its token is over, and nobody is about to bring another one. */
const hasNoToken = ({ refreshState, accessTokenExpiresAtMs = Infinity }: AccountState, nowMs: number): boolean =>
  ['failed', 'outcome_unknown'].includes(refreshState) && accessTokenExpiresAtMs <= nowMs;

/**
 * Whether a circuit is in the way. For any model at all one circuit is no obstacle as long as other work of the account
 * has succeeded since it opened.
 */
function isShut({ lanes, models, lastSuccessAtMs = 0 }: AccountState, { model, routeClass }: Wanted): boolean {
  return lanes.some((lane) => {
    if (lane.model === '*') return lane.state === 'open';
    if (routeClass !== undefined && lane.routeClass !== routeClass) return false;
    if (model === undefined) return (lane.sinceMs ?? 0) > lastSuccessAtMs;
    return lane.state === 'open' && lane.model === (models?.includes(model) === true ? model : '');
  });
}

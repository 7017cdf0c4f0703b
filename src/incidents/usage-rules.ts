import type { RecentOutcomes } from '../accounting/index.js';
import type { Finding } from './finding.js';
import { poolsOf, poolTarget } from './pool-rules.js';
import type { RuleParams } from './rule-params.js';
import type { Watched, WatchedKey, WatchedLimit } from './watched.js';

const DEFAULT_PERCENT = 80;
const MINUTE_MS = 60_000;
const FAILURES_WITHOUT_SUCCESS = 3;
/** A job that was not even begun for so long is none of this version any more. */
const FORGOTTEN_MS = 2 * 24 * 60 * MINUTE_MS;

export function budgetThreshold(params: RuleParams<'key_budget_threshold'>, watched: Watched): Finding[] {
  const { keyId, poolId } = params;
  return watched.limits.flatMap((limit) => {
    const target = limitTarget(limit, watched);
    if (target === undefined || (keyId !== undefined && target.id !== keyId)) return [];
    if (poolId !== undefined && !target.poolIds.some((each) => each === poolId)) return [];
    return budgetFinding(limit, target, params.percent ?? limit.warnPercent ?? DEFAULT_PERCENT);
  });
}

function budgetFinding({ status }: WatchedLimit, target: Finding['target'], percent: number): Finding[] {
  const { limit: name, model, current, max, resetsAtMs } = status;
  const usedPercent = Math.floor((current / max) * 1_000) / 10;
  if (usedPercent < percent) return [];
  const evidence = {
    limit: name,
    current,
    max,
    usedPercent,
    percent,
    ...(model !== undefined && { model }),
    ...(resetsAtMs !== undefined && { resetsAt: new Date(resetsAtMs).toISOString() }),
  };
  const reason = current >= max ? 'budget_spent' : 'budget_threshold';
  return [{ target, part: `${name} ${model ?? ''}`.trim(), reason, evidence }];
}

function limitTarget({ scope, id }: WatchedLimit, watched: Watched): Finding['target'] | undefined {
  if (scope === 'key') return keyTarget(watched.keys.find((key) => key.id === id));
  const [pool] = poolsOf(watched, id);
  return pool && poolTarget(pool);
}

const keyTarget = (key: WatchedKey | undefined): Finding['target'] | undefined =>
  key && { kind: 'key', id: key.id, label: key.label, poolIds: [key.poolId] };

export function keyErrorRate(params: RuleParams<'key_error_rate'>, watched: Watched): Finding[] {
  const calls = watched.outcomes.get(params.minutes) ?? [];
  return calls.flatMap(({ keyId, succeeded, failed, rejected }) => {
    if (params.keyId !== undefined && params.keyId !== keyId) return [];
    const target = keyTarget(watched.keys.find(({ id }) => id === keyId));
    const evidence = tooMany(failed + rejected, succeeded + failed + rejected, params);
    return target && evidence ? [{ target, reason: 'key_errors', evidence: { ...evidence, failed, rejected } }] : [];
  });
}

/** What was refused before any account was asked says nothing of the Pool, and is any client's to cause. */
export function poolErrorRate(params: RuleParams<'pool_error_rate'>, watched: Watched): Finding[] {
  const calls = watched.outcomes.get(params.minutes) ?? [];
  return poolsOf(watched, params.poolId).flatMap((pool) => {
    const own = calls.filter(({ poolId }) => poolId === pool.id);
    const sum = (name: 'succeeded' | 'failed'): number =>
      own.reduce((total, each: RecentOutcomes) => total + each[name], 0);
    const evidence = tooMany(sum('failed'), sum('succeeded') + sum('failed'), params);
    return evidence ? [{ target: poolTarget(pool), reason: 'pool_errors', evidence }] : [];
  });
}

function tooMany(errors: number, calls: number, { percent, minCalls, minutes }: RuleParams<'pool_error_rate'>) {
  if (calls < minCalls || errors * 100 < percent * calls) return undefined;
  return { errors, calls, errorPercent: Math.round((errors / calls) * 1_000) / 10, percent, minutes };
}

export function jobFailing(params: RuleParams<'job_failing'>, watched: Watched): Finding[] {
  return watched.jobs.flatMap(({ job, isFailing, startedAtMs, lastSuccessAtMs, errorCode, failures }) => {
    const isOld =
      lastSuccessAtMs === undefined
        ? failures >= FAILURES_WITHOUT_SUCCESS
        : watched.nowMs - lastSuccessAtMs >= params.minutes * MINUTE_MS;
    if (params.job !== undefined && params.job !== job) return [];
    if (!isFailing || !isOld || watched.nowMs - startedAtMs > FORGOTTEN_MS) return [];
    const evidence = {
      job,
      failures,
      ...(errorCode !== undefined && { errorCode }),
      ...(lastSuccessAtMs !== undefined && { lastSuccessAt: new Date(lastSuccessAtMs).toISOString() }),
    };
    return [{ target: { kind: 'job' as const, id: job, label: job, poolIds: [] }, reason: 'job_failing', evidence }];
  });
}

import type { ExclusionReason } from '../../src/routing/decision.js';
import type { RoutingCall } from '../../src/routing/policy/routing-call.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';

export const QUARTER_MS = 15 * 60_000;

/** The account's own meter counts for all, that of `gpt-5.4` for nothing else. */
const counts = (limitId: string, model: string): boolean =>
  limitId === 'codex' || (limitId === 'gpt_5_4' && model.trim().toLowerCase() === 'gpt-5.4');

const running = ({ windows }: AccountSnapshot, model: string, nowMs: number): AccountSnapshot['windows'] =>
  windows.filter(({ limitId, resetsAtMs }) => resetsAtMs > nowMs && counts(limitId, model));

/** When what is known to be spent comes back. */
export function spentUntil(account: AccountSnapshot, model: string, nowMs: number): number | undefined {
  const windows = running(account, model, nowMs);
  const ends = windows.filter(({ usedPercent }) => usedPercent >= 100).map(({ resetsAtMs }) => resetsAtMs);
  for (const meter of account.meters) {
    if (!counts(meter.limitId, model) || (meter.allowed !== false && meter.limitReached !== true)) continue;
    const untilMs = meter.resetsAtMs ?? meter.observedAtMs + QUARTER_MS;
    const own = windows.filter(({ limitId }) => limitId === meter.limitId);
    const hasRoom = own.length > 0 && own.every(({ usedPercent }) => usedPercent < 100);
    const isNewer = own.some(({ observedAtMs }) => observedAtMs > meter.observedAtMs);
    if (untilMs > nowMs && !(hasRoom && isNewer)) ends.push(untilMs);
  }
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** When anything good was last heard of its quota. */
export function heardOf(account: AccountSnapshot, model: string, nowMs: number): number {
  const windows = running(account, model, nowMs);
  const allowing = account.meters.filter(({ limitId, allowed }) => counts(limitId, model) && allowed === true);
  return Math.max(-Infinity, ...[...windows, ...allowing].map(({ observedAtMs }) => observedAtMs));
}

export function endOf(rule: ExclusionReason, account: AccountSnapshot, call: RoutingCall, nowMs: number): number {
  if (rule === 'cooling_down') return account.coolingUntilMs;
  if (rule === 'quota_exhausted') {
    const resting = account.coolingReason === 'upstream_quota_exhausted' ? account.coolingUntilMs : 0;
    return Math.max(resting, spentUntil(account, call.model, nowMs) ?? 0);
  }
  if (rule !== 'circuit_open') return nowMs;
  const own = account.models?.has(call.model) === true ? call.model : '';
  const mine = account.lanes.filter(
    ({ model, routeClass }) => model === '*' || (model === own && routeClass === call.routeClass),
  );
  return Math.max(nowMs, ...mine.map(({ untilMs }) => untilMs));
}

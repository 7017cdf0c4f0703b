import { observe } from '../platform/metrics/index.js';
import { linkTo } from '../platform/telemetry/index.js';

/** Of a call that is settled, as its record says it: nothing of it is believed to be what it should. */
export interface SettledEnd {
  readonly completedAt: unknown;
  readonly traceId: unknown;
  readonly spanId: unknown;
}

/** The work that settles calls belongs to them, in traces: it is linked to each that somebody will see. */
export function linkToCalls(ends: readonly SettledEnd[] | null): void {
  linkTo(
    (ends ?? []).flatMap(({ traceId, spanId }) =>
      typeof traceId === 'string' && typeof spanId === 'string' ? [{ traceId, spanId }] : [],
    ),
  );
}

/** How long calls have waited for their rows. @param nowMs Unix time in milliseconds */
export function observeLag(ends: readonly SettledEnd[] | null, nowMs: number): void {
  for (const { completedAt } of ends ?? []) {
    const lagMs = typeof completedAt === 'string' ? nowMs - Date.parse(completedAt) : NaN;
    if (!isNaN(lagMs)) observe('gw_settlement_lag_seconds', {}, Math.max(0, lagMs) / 1000);
  }
}

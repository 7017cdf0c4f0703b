import { costCoverage, type LimitStatus, type UsageRow } from '../../accounting/index.js';
import { GatewayError, usdOf } from '../../core/index.js';
import type { Capacity, CapacityWindow } from '../../upstream/index.js';
import { limitBodies, toSecond } from './told-limit.js';

const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

/**
 * What a key has used and what limits it, as `GET /v1/usage` tells it. Calls whose usage or price is unknown are in no
 * sum; the status says whether there are such without a price. Of the upstream's limits only that they are there and when
 * they begin anew. Source: runtime contract §12.3.
 *
 * @param nowMs Unix time in milliseconds
 */
export const keyUsageBody = (
  total: UsageRow,
  limits: readonly LimitStatus[],
  { windows }: Pick<Capacity, 'windows'>,
  nowMs: number,
): object => ({
  request_count: total.calls,
  total_tokens: total.totalTokens,
  cached_input_tokens: total.inputCached,
  total_cost_usd: Number(usdOf(total.costNanoUsd)),
  total_cost_status: costCoverage(total),
  limits: limits.flatMap((status) => limitBodies(status, nowMs)),
  upstream_limits: windows.map(upstreamLimit),
});

const upstreamLimit = ({ windowMinutes, resetsAtMs }: CapacityWindow): object => ({
  limit_type: 'percent',
  limit_window: windowName(windowMinutes),
  max_value: null,
  current_value: null,
  remaining_value: null,
  model_filter: null,
  reset_at: toSecond(resetsAtMs),
  source: 'upstream_usage',
});

function windowName(minutes: number): string {
  if (minutes % DAY_MINUTES === 0) return `${String(minutes / DAY_MINUTES)}d`;
  return minutes % HOUR_MINUTES === 0 ? `${String(minutes / HOUR_MINUTES)}h` : `${String(minutes)}m`;
}

/** @throws GatewayError `unsupported_parameter`: what nobody looks at must not seem to choose something */
export function requireNoQuery(query: unknown): void {
  const [param] = Object.keys(query as object);
  if (param === undefined) return;
  throw new GatewayError('unsupported_parameter', 'This endpoint takes no query parameters.', { param });
}

import { GatewayError } from '../../core/index.js';
import type { KeyTotals } from '../../accounting/index.js';
import type { Capacity, CapacityWindow } from '../../upstream/index.js';

const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

/**
 * What a key has used and what limits it, as `GET /v1/usage` tells it. Nothing has a price here yet, so the cost is said
 * to be unpriced; of the upstream's limits only that they are there and when they begin anew. Source: runtime contract
 * §12.3.
 */
export const keyUsageBody = (totals: KeyTotals, { windows }: Pick<Capacity, 'windows'>): object => ({
  request_count: totals.calls,
  total_tokens: totals.tokens,
  cached_input_tokens: totals.cachedInputTokens,
  total_cost_usd: 0,
  total_cost_status: 'unpriced',
  limits: [],
  upstream_limits: windows.map(limitBody),
});

const limitBody = ({ windowMinutes, resetsAtMs }: CapacityWindow): object => ({
  limit_type: 'percent',
  limit_window: windowName(windowMinutes),
  max_value: null,
  current_value: null,
  remaining_value: null,
  model_filter: null,
  reset_at: new Date(Math.ceil(resetsAtMs / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
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

import { ACCOUNT_METER, type QuotaReport, type QuotaWindow } from '../../core/index.js';
import { header, type ReceivedHeaders } from './response-headers.js';

const DAY_MS = 86_400_000;
/** A reset further away than this is not a usage window. */
const FURTHEST_RESET_MS = 400 * DAY_MS;
const LONGEST_WINDOW_MINUTES = 400 * 24 * 60;
const SLOTS = ['primary', 'secondary'] as const;
const FAMILY = /^x-([a-z0-9][a-z0-9-]{0,63})-(primary|secondary)-used-percent$/;

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

/**
 * When a quota comes back: `resets_at` / `reset_at` (Unix seconds), else `resets_in_seconds` / `reset_after_seconds`.
 *
 * @returns Unix time in milliseconds; undefined when nothing is said, or something that cannot be true
 */
export function resetOf(source: Fields, nowMs: number): number | undefined {
  const at = number(source.resets_at) ?? number(source.reset_at);
  const after = number(source.resets_in_seconds) ?? number(source.reset_after_seconds);
  if (at === undefined && after === undefined) return undefined;
  const resetsAtMs = at === undefined ? nowMs + (after ?? 0) * 1000 : at * 1000;
  return resetsAtMs > 0 && resetsAtMs <= nowMs + FURTHEST_RESET_MS ? Math.round(resetsAtMs) : undefined;
}

function windowOf(limitId: string, source: unknown, nowMs: number): QuotaWindow[] {
  const said = fields(source);
  if (!said) return [];
  const seconds = number(said.limit_window_seconds);
  const minutes = number(said.window_minutes) ?? (seconds === undefined ? undefined : seconds / 60);
  const used = number(said.used_percent);
  const resetsAtMs = resetOf(said, nowMs);
  if (minutes === undefined || used === undefined || resetsAtMs === undefined) return [];
  const windowMinutes = Math.round(minutes);
  if (windowMinutes <= 0 || windowMinutes > LONGEST_WINDOW_MINUTES || used < 0) return [];
  return [{ limitId, windowMinutes, usedPercent: Math.min(100, used), resetsAtMs }];
}

/** Header families write the meter's id with dashes where events write underscores: one spelling for both. */
const meter = (name: unknown): string | undefined =>
  typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name.toLowerCase().replaceAll('-', '_') : undefined;

/** The windows in an answer's headers: `x-codex-…`, and `x-<limit-id>-…` for every other meter. At most 32. */
export function quotaOfHeaders(headers: ReceivedHeaders, nowMs: number): readonly QuotaWindow[] {
  const windows: QuotaWindow[] = [];
  for (const name of Object.keys(headers)) {
    const [, family, slot] = FAMILY.exec(name.toLowerCase()) ?? [];
    const limitId = meter(family);
    if (limitId === undefined || windows.length >= 32) continue;
    const prefix = `x-${family ?? ''}-${slot ?? ''}`;
    const source = {
      used_percent: header(headers, name),
      window_minutes: header(headers, `${prefix}-window-minutes`),
      reset_at: header(headers, `${prefix}-reset-at`),
      reset_after_seconds: header(headers, `${prefix}-reset-after-seconds`),
    };
    windows.push(...windowOf(limitId, source, nowMs));
  }
  return windows;
}

/** The windows of a `codex.rate_limits` event. */
export function quotaOfEvent(json: unknown, nowMs: number): readonly QuotaWindow[] {
  const event = fields(json);
  const limits = fields(event?.rate_limits);
  if (!limits) return [];
  const limitId = meter(event?.metered_limit_name) ?? ACCOUNT_METER;
  return SLOTS.flatMap((slot) => windowOf(limitId, limits[slot], nowMs));
}

/**
 * The usage endpoint's body: the account's own windows and every additional meter's, at most 64 meters. A slot that is
 * null means that there is no such window; one that is missing says nothing.
 *
 * @returns undefined when the body is about something else
 */
export function quotaOfUsage(json: unknown, nowMs: number): QuotaReport | undefined {
  const body = fields(json);
  if (body?.rate_limit === undefined) return undefined;
  const additional = Array.isArray(body.additional_rate_limits) ? body.additional_rate_limits.slice(0, 64) : [];
  const meters = [
    { limitId: ACCOUNT_METER, slots: fields(body.rate_limit) },
    ...additional.flatMap((entry: unknown) => {
      const limitId = meter(fields(entry)?.metered_feature) ?? meter(fields(entry)?.limit_name);
      return limitId === undefined ? [] : [{ limitId, slots: fields(fields(entry)?.rate_limit) }];
    }),
  ].map(({ limitId, slots }) => ({
    limitId,
    told: SLOTS.map((slot) => slots?.[`${slot}_window`]).map((said) => ({
      windows: windowOf(limitId, said, nowMs),
      none: said === null,
    })),
  }));
  return {
    windows: meters.flatMap(({ told }) => told.flatMap(({ windows }) => windows)),
    wholeMeters: meters
      .filter(({ told }) => told.every(({ windows, none }) => none || windows.length > 0))
      .map(({ limitId }) => limitId),
  };
}

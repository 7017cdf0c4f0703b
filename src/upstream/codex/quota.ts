import { ACCOUNT_METER, noQuota, type QuotaMeter, type QuotaReport, type QuotaWindow } from '../../core/index.js';
import { header, type ReceivedHeaders } from '../transport/received-headers.js';

const DAY_MS = 86_400_000;
/** A reset further away than this is not a usage window. */
const FURTHEST_RESET_MS = 400 * DAY_MS;
const LONGEST_WINDOW_MINUTES = 400 * 24 * 60;
const MAX_NAME = 128;
const SLOTS = ['primary', 'secondary'] as const;
const FAMILY = /^x-([a-z0-9][a-z0-9-]{0,63})-(primary|secondary)-used-percent$/;

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

/** Events and bodies have booleans, headers words. */
const flag = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'true' ? true : word === 'false' ? false : undefined;
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

/** @returns [] when it cannot be one */
export function windowOf(limitId: string, source: unknown, nowMs: number): QuotaWindow[] {
  const said = fields(source);
  if (!said) return [];
  const seconds = number(said.limit_window_seconds);
  const minutes = number(said.window_minutes) ?? (seconds === undefined ? undefined : seconds / 60);
  const used = number(said.used_percent);
  const resetsAtMs = resetOf(said, nowMs);
  if (minutes === undefined || used === undefined || resetsAtMs === undefined) return [];
  const windowMinutes = Math.round(minutes);
  if (windowMinutes <= 0 || windowMinutes > LONGEST_WINDOW_MINUTES || used < 0) return [];
  const saidAtMs = madeAt(said);
  return [
    {
      limitId,
      windowMinutes,
      usedPercent: Math.min(100, used),
      resetsAtMs,
      ...(saidAtMs === undefined ? {} : { saidAtMs }),
    },
  ];
}

/** The moment of the reset less the wait until then: the upstream's own time. */
function madeAt(said: Fields): number | undefined {
  const [at, after] = [number(said.reset_at), number(said.reset_after_seconds)];
  return at === undefined || after === undefined || after < 0 ? undefined : Math.round((at - after) * 1000);
}

/** Header families write the meter's id with dashes where events write underscores: one spelling for both. */
export const meterId = (name: unknown): string | undefined =>
  typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name.toLowerCase().replaceAll('-', '_') : undefined;

interface Said {
  readonly name?: unknown;
  readonly allowed?: unknown;
  readonly limitReached?: unknown;
  readonly credits?: unknown;
}

/** @returns [] when nothing was said of the meter as a whole */
function meterOf(limitId: string, { name, allowed, limitReached, credits }: Said): readonly QuotaMeter[] {
  const said = {
    ...(typeof name === 'string' && name.length <= MAX_NAME && name !== '' ? { name } : {}),
    ...present('allowed', flag(allowed)),
    ...present('limitReached', flag(limitReached)),
    ...present('credits', creditsOf(fields(credits))),
  };
  return Object.keys(said).length === 0 ? [] : [{ limitId, ...said }];
}

const present = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };

/** A balance that is known to be nothing is no credit, whatever is said beside it. */
function creditsOf(credits: Fields | undefined): QuotaMeter['credits'] {
  const has = flag(credits?.has_credits);
  const unlimited = flag(credits?.unlimited);
  if (has === undefined && unlimited === undefined) return undefined;
  const balance = number(credits?.balance);
  return { available: has === true && (balance === undefined || balance > 0), unlimited: unlimited === true };
}

/**
 * What an answer's headers say: `x-codex-…` of the account, and `x-<limit-id>-…` of every other meter. At most 32
 * windows. A header that is missing says nothing.
 */
export function quotaOfHeaders(headers: ReceivedHeaders, nowMs: number): QuotaReport {
  const windows: QuotaWindow[] = [];
  const names = new Map<string, string | undefined>();
  for (const name of Object.keys(headers)) {
    const [, family, slot] = FAMILY.exec(name.toLowerCase()) ?? [];
    const limitId = meterId(family);
    if (limitId === undefined || windows.length >= 32) continue;
    const prefix = `x-${family ?? ''}-${slot ?? ''}`;
    const source = {
      used_percent: header(headers, name),
      window_minutes: header(headers, `${prefix}-window-minutes`),
      reset_at: header(headers, `${prefix}-reset-at`),
      reset_after_seconds: header(headers, `${prefix}-reset-after-seconds`),
    };
    windows.push(...windowOf(limitId, source, nowMs));
    names.set(limitId, header(headers, `x-${family ?? ''}-limit-name`));
  }
  const active = activeMeter(headers) ?? ACCOUNT_METER;
  const reached = isReached(headers) ? true : undefined;
  const meters = [...new Set([...names.keys(), ACCOUNT_METER, active])].flatMap((limitId) =>
    meterOf(limitId, {
      name: names.get(limitId),
      limitReached: limitId === active ? reached : undefined,
      credits: limitId === ACCOUNT_METER ? creditHeaders(headers) : undefined,
    }),
  );
  return { ...noQuota('headers'), windows, meters };
}

const creditHeaders = (headers: ReceivedHeaders): Fields => ({
  has_credits: header(headers, 'x-codex-credits-has-credits'),
  unlimited: header(headers, 'x-codex-credits-unlimited'),
  balance: header(headers, 'x-codex-credits-balance'),
});

/** Whether an answer names a limit that was reached. */
export const isReached = (headers: ReceivedHeaders): boolean =>
  (header(headers, 'x-codex-rate-limit-reached-type') ?? '').trim() !== '';

/** The meter that an answer was counted by; undefined when it does not say. `premium` is another word for the account's own. */
export function activeMeter(headers: ReceivedHeaders): string | undefined {
  const limitId = meterId(header(headers, 'x-codex-active-limit')?.trim());
  return limitId === 'premium' ? ACCOUNT_METER : limitId;
}

/** A `codex.rate_limits` event; undefined when it is something else. */
export function quotaOfEvent(json: unknown, nowMs: number): QuotaReport | undefined {
  const event = fields(json);
  const limits = fields(event?.rate_limits);
  if (!limits) return undefined;
  const limitId = meterId(event?.metered_limit_name) ?? ACCOUNT_METER;
  const { windows, isWhole } = slotsOf(
    limitId,
    SLOTS.map((slot) => limits[slot]),
    nowMs,
  );
  return {
    ...noQuota('event'),
    windows,
    wholeMeters: isWhole ? [limitId] : [],
    meters: meterOf(limitId, {
      name: event?.limit_name,
      allowed: limits.allowed,
      limitReached: limits.limit_reached,
      credits: event?.credits,
    }),
  };
}

/** A slot that is null means that there is no such window; one that is missing, or makes no sense, says nothing. */
function slotsOf(
  limitId: string,
  slots: readonly unknown[],
  nowMs: number,
): { readonly windows: readonly QuotaWindow[]; readonly isWhole: boolean } {
  const told = slots.map((said) => ({ windows: windowOf(limitId, said, nowMs), none: said === null }));
  return {
    windows: told.flatMap(({ windows }) => windows),
    isWhole: told.every(({ windows, none }) => none || windows.length > 0),
  };
}

/**
 * The usage endpoint's body: the account's own windows and every additional meter's, at most 64 meters. Whether calls are
 * served is what `allowed` and `limit_reached` say; `spend_control.reached` beside them does not stop an account.
 *
 * @returns undefined when the body is about something else
 */
export function quotaOfUsage(json: unknown, nowMs: number): QuotaReport | undefined {
  const body = fields(json);
  if (body?.rate_limit === undefined) return undefined;
  const additional = Array.isArray(body.additional_rate_limits) ? body.additional_rate_limits.slice(0, 64) : [];
  const told = [
    usageOf(ACCOUNT_METER, fields(body.rate_limit), { credits: body.credits }, nowMs),
    ...additional.flatMap((entry: unknown) => {
      const said = fields(entry);
      const limitId = meterId(said?.metered_feature) ?? meterId(said?.limit_name);
      const limits = fields(said?.rate_limit);
      return limitId === undefined ? [] : [usageOf(limitId, limits, { name: said?.limit_name }, nowMs)];
    }),
  ];
  const resetCredits = number(fields(body.rate_limit_reset_credits)?.available_count);
  return {
    source: 'usage',
    windows: told.flatMap(({ windows }) => windows),
    wholeMeters: told.flatMap(({ limitId, isWhole }) => (isWhole ? [limitId] : [])),
    meters: told.flatMap(({ meters }) => meters),
    ...(isPlan(body.plan_type) ? { plan: body.plan_type } : {}),
    ...(resetCredits === undefined || resetCredits < 0 ? {} : { resetCredits: Math.floor(resetCredits) }),
  };
}

function usageOf(limitId: string, limits: Fields | undefined, said: Said, nowMs: number) {
  const slots = SLOTS.map((slot) => limits?.[`${slot}_window`]);
  const meters = meterOf(limitId, { ...said, allowed: limits?.allowed, limitReached: limits?.limit_reached });
  return { limitId, meters, ...slotsOf(limitId, slots, nowMs) };
}

const isPlan = (plan: unknown): plan is string => typeof plan === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(plan);

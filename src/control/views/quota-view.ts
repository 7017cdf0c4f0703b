import { z } from 'zod';
import { ACCOUNT_METER, QUOTA_SOURCES } from '../../core/index.js';
import {
  quotaVerdict,
  STALE_EVIDENCE_MS,
  type AccountMeter,
  type AccountState,
  type ObservedWindow,
} from '../../upstream/index.js';
import { VOLATILE } from '../version.js';
import { ACCOUNT_STATUSES, isoOf } from './account-view.js';

const source = z.enum(QUOTA_SOURCES).describe('what said so');

/** Of evidence: `fresh`, or too old to prove anything good. Of a window: `reset` when it has started anew since. */
const FRESHNESS = ['fresh', 'stale', 'reset'] as const;

/** Why a window, or an account, is not known to have room. */
const WINDOW_REASONS = ['spent', 'stale', 'reset'] as const;
const QUOTA_REASONS = [
  ...['login_required', 'paused', 'draining', 'cooling'],
  ...['blocked', 'stale', 'never_reported'],
] as const;

const quotaWindow = z.object({
  limitId: z.string().describe('the meter it belongs to: codex is the account itself, others are of one model'),
  windowMinutes: z.int(),
  usedPercent: z.number(),
  remainingPercent: z.number(),
  resetsAt: z.iso.datetime(),
  observedAt: z.iso.datetime(),
  ageSeconds: z.int(),
  source,
  freshness: z.enum(FRESHNESS),
  usable: z.boolean().describe('it is known to have room'),
  reason: z.enum(WINDOW_REASONS).nullable().describe('why it is not usable'),
  doubted: z
    .object({
      usedPercent: z.number(),
      resetsAt: z.iso.datetime(),
      since: z.iso.datetime(),
      source,
    })
    .nullable()
    .describe('what later reports say that are not believed yet'),
});

const quotaMeter = z.object({
  limitId: z.string(),
  name: z.string().nullable().describe("the provider's own name for it, such as a model's"),
  allowed: z.boolean().nullable(),
  limitReached: z.boolean().nullable(),
  resetsAt: z.iso.datetime().nullable(),
  credits: z.object({ available: z.boolean(), unlimited: z.boolean() }).nullable(),
  observedAt: z.iso.datetime(),
  ageSeconds: z.int(),
  source,
});

export const quotaView = z.object({
  accountId: z.uuid(),
  account: z.string(),
  kind: z.string(),
  plan: z.string().nullable(),
  status: z.enum(ACCOUNT_STATUSES),
  metered: z.boolean().describe('its calls are paid for one by one: it has no windows'),
  verdict: z.enum(['allow', 'unknown', 'block']).describe('whether its quota allows a call, as far as it was told'),
  usable: z.boolean().describe('it is active, does not rest, and is known to have room'),
  reason: z.enum(QUOTA_REASONS).nullable().describe('why it is not usable'),
  pressurePercent: z.number().describe('how full its fullest running window is'),
  freshness: z.enum(['fresh', 'stale', 'unknown']),
  observedAt: z.iso.datetime().nullable().describe('when the newest of its evidence was heard'),
  ageSeconds: z.int().nullable(),
  clearsAt: z.iso.datetime().nullable().describe('when what blocks it ends by itself'),
  soonestResetAt: z.iso.datetime().nullable(),
  windows: z.array(quotaWindow),
  meters: z.array(quotaMeter),
});

VOLATILE.add(quotaView, { fields: ['ageSeconds'] });

export type QuotaView = z.output<typeof quotaView>;
type Verdict = ReturnType<typeof quotaVerdict>;

export type QuotaSubject = AccountState & { readonly kind: string; readonly plan?: string };

/** @param model whose calls are asked about; `''`: those that name none */
export function quotaViewOf(account: QuotaSubject, model: string, nowMs: number): QuotaView {
  const { windows, meters } = account;
  const verdict = quotaVerdict(account, model, nowMs);
  const heard = [...windows, ...meters].map(({ observedAtMs }) => observedAtMs);
  const heardMs = heard.length === 0 ? undefined : Math.max(...heard);
  const reason = whyNot(account, verdict, nowMs);
  return {
    accountId: account.id,
    account: account.label,
    kind: account.kind,
    plan: account.plan ?? null,
    status: z.enum(ACCOUNT_STATUSES).parse(account.status),
    metered: account.metered,
    verdict: verdict.verdict,
    usable: reason === null,
    reason,
    pressurePercent: verdict.pressure,
    freshness: heardMs === undefined ? 'unknown' : isFresh(heardMs, nowMs) ? 'fresh' : 'stale',
    observedAt: isoOf(heardMs),
    ageSeconds: heardMs === undefined ? null : secondsSince(heardMs, nowMs),
    clearsAt: isoOf(verdict.clearsAtMs),
    soonestResetAt: isoOf(verdict.soonestResetMs),
    windows: windows.map((window) => windowOf(window, meters, nowMs)),
    meters: meters.map((meter) => meterOf(meter, nowMs)),
  };
}

/** What calls are kept from it by, the operator's own decisions first. */
function whyNot(
  { status, coolingUntilMs = 0, metered, windows, meters }: QuotaSubject,
  verdict: Verdict,
  nowMs: number,
) {
  if (status !== 'active') return z.enum(QUOTA_REASONS).parse(status);
  if (coolingUntilMs > nowMs) return 'cooling';
  if (verdict.verdict === 'block') return 'blocked';
  if (metered || verdict.verdict === 'allow') return null;
  return windows.length + meters.length === 0 ? 'never_reported' : 'stale';
}

function windowOf(
  window: ObservedWindow,
  meters: readonly AccountMeter[],
  nowMs: number,
): QuotaView['windows'][number] {
  const { limitId, windowMinutes, usedPercent, resetsAtMs, observedAtMs, source: said, doubt } = window;
  const freshness = resetsAtMs <= nowMs ? 'reset' : isFresh(observedAtMs, nowMs) ? 'fresh' : 'stale';
  const reason = isSpent(window, meters, nowMs) ? 'spent' : freshness === 'fresh' ? null : freshness;
  return {
    limitId,
    windowMinutes,
    usedPercent,
    remainingPercent: Math.max(0, 100 - usedPercent),
    resetsAt: new Date(resetsAtMs).toISOString(),
    observedAt: new Date(observedAtMs).toISOString(),
    ageSeconds: secondsSince(observedAtMs, nowMs),
    source: said,
    freshness,
    usable: reason === null,
    reason,
    doubted:
      doubt === undefined
        ? null
        : {
            usedPercent: doubt.usedPercent,
            resetsAt: new Date(doubt.resetsAtMs).toISOString(),
            since: new Date(doubt.sinceMs).toISOString(),
            source: doubt.source,
          },
  };
}

/** By this window alone, and the credits of its meter. */
function isSpent(window: ObservedWindow, meters: readonly AccountMeter[], nowMs: number): boolean {
  const credits = meters
    .filter(({ limitId }) => limitId === window.limitId)
    .map(({ allowed: _, limitReached: __, ...meter }) => meter);
  const model = window.limitId === ACCOUNT_METER ? '' : window.limitId;
  return quotaVerdict({ windows: [window], meters: credits }, model, nowMs).verdict === 'block';
}

const meterOf = (meter: AccountMeter, nowMs: number): QuotaView['meters'][number] => ({
  limitId: meter.limitId,
  name: meter.name ?? null,
  allowed: meter.allowed ?? null,
  limitReached: meter.limitReached ?? null,
  resetsAt: isoOf(meter.resetsAtMs),
  credits: meter.credits ?? null,
  observedAt: new Date(meter.observedAtMs).toISOString(),
  ageSeconds: secondsSince(meter.observedAtMs, nowMs),
  source: meter.source,
});

const isFresh = (observedAtMs: number, nowMs: number): boolean => nowMs - observedAtMs <= STALE_EVIDENCE_MS;

const secondsSince = (ms: number, nowMs: number): number => Math.max(0, Math.floor((nowMs - ms) / 1_000));

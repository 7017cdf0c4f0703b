import { ACCOUNT_METER, type QuotaSource } from '../../core/index.js';
import type { AccountSnapshot } from '../account-snapshot.js';
import type { AccountMeter } from './account-meter.js';
import type { ObservedWindow } from './observed-window.js';

/** What a verdict rests on. */
export interface QuotaGrounds {
  readonly source: QuotaSource;
  /** Unix time in milliseconds. */
  readonly observedAtMs: number;
  readonly limitId: string;
  /** Of a window; absent: the upstream said it of the meter as a whole. */
  readonly windowMinutes?: number;
  readonly usedPercent?: number;
}

/** Whether an account's quota allows a call, as far as its upstream said. */
export interface QuotaVerdict {
  readonly verdict: 'allow' | 'unknown' | 'block';
  /** 0–100: how full the fullest running window is that the model counts in; 0 when none is known. */
  readonly pressure: number;
  /** When the first of them starts anew: Unix time in milliseconds. */
  readonly soonestResetMs?: number;
  /** Of `block`: when it ends by itself, Unix time in milliseconds. */
  readonly clearsAtMs?: number;
  /** Absent when nothing was ever said. */
  readonly evidence?: QuotaGrounds;
}

type Evidence = Pick<AccountSnapshot, 'windows' | 'meters'>;

interface Block {
  readonly grounds: QuotaGrounds;
  readonly untilMs: number;
}

/** Evidence older than this proves nothing good any more. An account that serves is never that long without news. */
export const STALE_EVIDENCE_MS = 15 * 60_000;

/**
 * Whether an account has room for a call of `model`.
 *
 * `block`: a window that runs is spent, and no credits go on where it ends; or the upstream says that it serves nothing
 * now. `unknown`: nothing that counts is known, or all of it is old. A spent window blocks until its reset however old
 * that evidence is: usage does not fall within a cycle.
 *
 * The account's own meter counts for every model. Any other one counts for the model that its id or name spells, and for
 * nothing else: a spent meter of one model must not stop the account from serving the rest.
 *
 * @param model as the client named it; `''` for operations without one
 * @param nowMs Unix time in milliseconds
 */
export function quotaVerdict(account: Evidence, model: string, nowMs: number): QuotaVerdict {
  const meters = account.meters.filter((meter) => counts(meter.limitId, account.meters, model));
  const running = account.windows.filter(
    (window) => window.resetsAtMs > nowMs && counts(window.limitId, account.meters, model),
  );
  const fullest = running.reduce<ObservedWindow | undefined>(
    (full, window) => (full === undefined || window.usedPercent > full.usedPercent ? window : full),
    undefined,
  );
  const known = {
    pressure: fullest?.usedPercent ?? 0,
    ...(running.length === 0 ? {} : { soonestResetMs: Math.min(...running.map(({ resetsAtMs }) => resetsAtMs)) }),
  };
  const [block] = [...spentWindows(running, meters), ...stoppedMeters(running, meters, nowMs)].sort(
    (a, b) => b.untilMs - a.untilMs,
  );
  if (block) return { ...known, verdict: 'block', clearsAtMs: block.untilMs, evidence: block.grounds };
  const grounds = [
    ...(fullest === undefined ? [] : [groundsOf(fullest)]),
    ...meters.filter(({ allowed }) => allowed === true).map(groundsOfMeter),
  ];
  const heardMs = Math.max(0, ...running.map(seenAt), ...grounds.map(seenAt));
  const evidence = grounds[0] ?? meters.map(groundsOfMeter)[0];
  return {
    ...known,
    verdict: grounds.length > 0 && nowMs - heardMs <= STALE_EVIDENCE_MS ? 'allow' : 'unknown',
    ...(evidence === undefined ? {} : { evidence }),
  };
}

const spentWindows = (running: readonly ObservedWindow[], meters: readonly AccountMeter[]): Block[] =>
  running
    .filter(({ usedPercent, limitId }) => usedPercent >= 100 && !hasCredits(meterOf(limitId, meters)))
    .map((window) => ({ grounds: groundsOf(window), untilMs: window.resetsAtMs }));

const stoppedMeters = (running: readonly ObservedWindow[], meters: readonly AccountMeter[], nowMs: number): Block[] =>
  meters
    .map((meter) => ({ meter, untilMs: meter.resetsAtMs ?? meter.observedAtMs + STALE_EVIDENCE_MS }))
    .filter(({ meter, untilMs }) => untilMs > nowMs && isStopped(meter) && !isOutdated(meter, running))
    .map(({ meter, untilMs }) => ({ grounds: groundsOfMeter(meter), untilMs }));

/** With credits a limit may be reached and calls are served all the same: only "not allowed" says that they are not. */
const isStopped = (meter: AccountMeter): boolean =>
  meter.allowed === false || (meter.limitReached === true && !hasCredits(meter));

/** Windows that were told later and have room say that it is over. */
function isOutdated(meter: AccountMeter, running: readonly ObservedWindow[]): boolean {
  const own = running.filter(({ limitId }) => limitId === meter.limitId);
  return own.some(({ observedAtMs }) => observedAtMs > meter.observedAtMs) && own.every((w) => w.usedPercent < 100);
}

const hasCredits = (meter: AccountMeter | undefined): boolean =>
  meter?.credits?.available === true || meter?.credits?.unlimited === true;

const meterOf = (limitId: string, meters: readonly AccountMeter[]): AccountMeter | undefined =>
  meters.find((meter) => meter.limitId === limitId);

/** `gpt_5_3_codex_spark`, `GPT-5.3-Codex-Spark` and `gpt-5.3-codex-spark` are one model. */
const spelled = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

function counts(limitId: string, meters: readonly AccountMeter[], model: string): boolean {
  if (limitId === ACCOUNT_METER) return true;
  const slug = spelled(model);
  const name = meterOf(limitId, meters)?.name;
  return slug !== '' && (spelled(limitId) === slug || (name !== undefined && spelled(name) === slug));
}

const seenAt = ({ observedAtMs }: { readonly observedAtMs: number }): number => observedAtMs;

const groundsOf = ({ source, observedAtMs, limitId, windowMinutes, usedPercent }: ObservedWindow): QuotaGrounds => ({
  source,
  observedAtMs,
  limitId,
  windowMinutes,
  usedPercent,
});

const groundsOfMeter = ({ source, observedAtMs, limitId }: AccountMeter): QuotaGrounds => ({
  source,
  observedAtMs,
  limitId,
});

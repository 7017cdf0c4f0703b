import { GatewayError, type AccountId, type QuotaReport, type QuotaWindow } from '../../src/core/index.js';
import type { Dice } from './dice.js';

export const MODELS = ['gpt-5.5', 'gpt-5.4'] as const;
/** The meter of one model alone. */
const OWN_METER = { model: 'gpt-5.4', limitId: 'gpt_5_4' } as const;
const MINUTE_MS = 60_000;
const OUTAGES = ['upstream_error', 'upstream_timeout', 'upstream_request_failed', 'stream_idle_timeout'] as const;

interface Window {
  readonly limitId: string;
  readonly windowMinutes: number;
  usedPercent: number;
  resetsAtMs: number;
}

/** How an account really is. The gateway learns of it by asking only. */
export interface Truth {
  readonly id: AccountId;
  readonly windows: readonly Window[];
  /** Models that its catalog names and that it does not serve. */
  readonly gone: Set<string>;
  token: 'good' | 'over' | 'lost';
  burst: { readonly untilMs: number; readonly askedMs?: number };
  outage: { readonly untilMs: number; readonly code: (typeof OUTAGES)[number] };
  bannedUntilMs: number;
  loginServerAwayUntilMs: number;
}

export interface Asking {
  readonly model: string;
  /** Whether it uses the account's quota. */
  readonly metered: boolean;
  readonly dice: Dice;
}

export interface Answer {
  readonly failure?: GatewayError;
  readonly report?: QuotaReport;
  /** When the answer begins, and ends: after the question, in milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Of an account whose tokens are not taken, or cannot be renewed. */
export const refusedWith = (detail: { readonly cooldownMs: number }): Answer => ({
  failure: new GatewayError('upstream_account_rejected', 'refused', detail),
  firstMs: 100,
  lastMs: 100,
});

/** The provider: what each of its accounts is really like. */
export class Upstream {
  readonly accounts = new Map<AccountId, Truth>();
  overloadedUntilMs = 0;

  link(id: AccountId, dice: Dice, nowMs: number): void {
    const window = (limitId: string, windowMinutes: number): Window => ({
      limitId,
      windowMinutes,
      usedPercent: dice.chance(0.15) ? 100 : dice.below(95),
      resetsAtMs: nowMs + (dice.chance(0.3) ? dice.between(1_000, 90_000) : dice.between(1, windowMinutes) * MINUTE_MS),
    });
    this.accounts.set(id, {
      id,
      windows: [
        window('codex', 300),
        ...(dice.chance(0.5) ? [window('codex', 10_080)] : []),
        ...(dice.chance(0.3) ? [window(OWN_METER.limitId, 300)] : []),
      ],
      gone: new Set(),
      token: 'good',
      burst: { untilMs: 0 },
      outage: { untilMs: 0, code: 'upstream_error' },
      bannedUntilMs: 0,
      loginServerAwayUntilMs: 0,
    });
  }

  of(id: AccountId): Truth {
    const truth = this.accounts.get(id);
    if (truth === undefined) throw new Error('No such account.');
    return truth;
  }

  /** Windows that are over begin anew. */
  windowsOf(id: AccountId, nowMs: number): readonly Window[] {
    const { windows } = this.of(id);
    for (const window of windows) {
      if (window.resetsAtMs > nowMs) continue;
      const lengthMs = window.windowMinutes * MINUTE_MS;
      window.resetsAtMs += lengthMs * (Math.floor((nowMs - window.resetsAtMs) / lengthMs) + 1);
      window.usedPercent = 0;
    }
    return windows;
  }

  /** The windows that stop a call of this model. */
  spent(id: AccountId, model: string, nowMs: number): readonly Window[] {
    const counted = this.windowsOf(id, nowMs).filter(
      ({ limitId }) => limitId === 'codex' || (limitId === OWN_METER.limitId && model === OWN_METER.model),
    );
    return counted.filter(({ usedPercent }) => usedPercent >= 100);
  }

  outageCode = (dice: Dice): (typeof OUTAGES)[number] => dice.pick(OUTAGES);

  /** What an account answers to a question that it gets now. */
  ask(id: AccountId, asking: Asking, nowMs: number): Answer {
    const { dice, model, metered } = asking;
    const failure = this.failureOf(id, asking, nowMs);
    if (failure !== undefined) {
      const firstMs = dice.between(1, failure.code === 'upstream_timeout' ? 3_000 : 200);
      return { failure, firstMs, lastMs: firstMs, ...(failure.detail.quota ? { report: failure.detail.quota } : {}) };
    }
    if (metered) this.use(id, model, dice.chance(0.1) ? dice.between(5, 60) : dice.below(4), nowMs);
    const firstMs = dice.between(1, 500);
    const runsMs = dice.chance(0.1) ? dice.between(5_000, 100_000) : dice.between(0, 2_000);
    const report = dice.chance(0.4) ? { report: this.report(id, 'headers', nowMs) } : {};
    return { firstMs, lastMs: firstMs + runsMs, ...report };
  }

  /** All that an account says of its quota. */
  report(id: AccountId, source: QuotaReport['source'], nowMs: number): QuotaReport {
    const windows = this.windowsOf(id, nowMs).map((window): QuotaWindow => ({ ...window }));
    if (source !== 'usage') return { source, windows, wholeMeters: [], meters: [] };
    const isFull = windows.some(({ limitId, usedPercent }) => limitId === 'codex' && usedPercent >= 100);
    return {
      source,
      windows,
      wholeMeters: ['codex'],
      meters: [{ limitId: 'codex', allowed: !isFull, limitReached: isFull }],
    };
  }

  private use(id: AccountId, model: string, percent: number, nowMs: number): void {
    for (const window of this.windowsOf(id, nowMs)) {
      if (window.limitId !== 'codex' && model !== OWN_METER.model) continue;
      window.usedPercent = Math.min(100, window.usedPercent + percent);
    }
  }

  private failureOf(id: AccountId, { dice, model, metered }: Asking, nowMs: number): GatewayError | undefined {
    const { burst, outage, bannedUntilMs, gone } = this.of(id);
    if (nowMs < this.overloadedUntilMs) return new GatewayError('server_is_overloaded', 'overloaded');
    if (nowMs < bannedUntilMs) return new GatewayError('upstream_account_rejected', '403', { upstreamStatus: 403 });
    if (nowMs < outage.untilMs) return new GatewayError(outage.code, 'outage', { upstreamStatus: 503 });
    if (nowMs < burst.untilMs) {
      const { askedMs } = burst;
      return new GatewayError('upstream_rate_limited', '429', askedMs === undefined ? {} : { cooldownMs: askedMs });
    }
    if (gone.has(model)) return new GatewayError('upstream_model_unavailable', '404');
    if (metered) return this.quotaFailure(id, model, dice, nowMs);
    return dice.chance(0.02) ? new GatewayError('stream_interrupted', 'cut') : undefined;
  }

  private quotaFailure(id: AccountId, model: string, dice: Dice, nowMs: number): GatewayError | undefined {
    const spent = this.spent(id, model, nowMs);
    if (spent.length === 0) return undefined;
    const own = spent.filter(({ limitId }) => limitId === 'codex');
    const limitId = own.length > 0 ? 'codex' : OWN_METER.limitId;
    const resetsAtMs = Math.max(...(own.length > 0 ? own : spent).map((window) => window.resetsAtMs));
    const detail = limitId === 'codex' ? { resetsAtMs } : { cooldownMs: 0 };
    const meter = { limitId, allowed: false, limitReached: true, resetsAtMs };
    const { windows } = this.report(id, 'error', nowMs);
    const quota = { source: 'error', windows, wholeMeters: [], meters: [meter] } as const;
    // Some refusals tell no more than that it is one.
    if (limitId === 'codex' && dice.chance(0.2)) return new GatewayError('upstream_quota_exhausted', 'spent', {});
    return new GatewayError('upstream_quota_exhausted', 'spent', { ...detail, quota });
  }
}

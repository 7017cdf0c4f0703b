import { ACCOUNT_METER, type QuotaWindow } from '../core/index.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { quotaVerdict } from './quota/quota-verdict.js';

/** Windows of one length, of one account or of several. */
export interface CapacityWindow {
  readonly windowMinutes: number;
  /** 0–100, a whole number; 100 only when all of it is used. */
  readonly usedPercent: number;
  /** When more room comes: Unix time in milliseconds. */
  readonly resetsAtMs: number;
}

/** What one meter leaves. */
export interface MeterCapacity {
  readonly limitId: string;
  /** Whether anybody can still serve by this meter. */
  readonly allowed: boolean;
  /** Shortest first. */
  readonly windows: readonly CapacityWindow[];
}

/** How much accounts have left, as far as their upstreams said. */
export interface Capacity extends MeterCapacity {
  /** Meters beside the accounts' own, such as one for a single model. */
  readonly others: readonly MeterCapacity[];
}

type Measured = Pick<AccountSnapshot, 'status' | 'coolingUntilMs' | 'coolingReason' | 'windows' | 'meters'>;

const QUOTA = 'upstream_quota_exhausted';
/** The lengths that plans have, in minutes. Upstreams were seen to be off by one. */
const LENGTHS = [300, 10_080, 43_200];
const SLACK_MINUTES = 2;

/**
 * Several accounts as if they were one: of each length the mean of what its accounts have used, and the first moment at
 * which one of them gets room again. Accounts that are paused do not count; one whose window has reset counts as unused
 * until it is heard of again. Without any evidence everything is allowed and nothing is said.
 *
 * @param nowMs Unix time in milliseconds
 */
export function capacityOf(accounts: readonly Measured[], nowMs: number): Capacity {
  const active = accounts.filter(({ status }) => status === 'active');
  const meters = [...new Set(active.flatMap(({ windows }) => windows.map(({ limitId }) => limitId)))].sort();
  const own = meterOf(ACCOUNT_METER, active, nowMs);
  return {
    ...own,
    allowed: active.length === 0 || active.some((account) => !isCooling(account, nowMs) && serves(account, nowMs)),
    others: meters.filter((id) => id !== ACCOUNT_METER).map((id) => meterOf(id, active, nowMs)),
  };
}

const isCooling = ({ coolingUntilMs, coolingReason }: Measured, nowMs: number): boolean =>
  coolingReason === QUOTA && coolingUntilMs > nowMs;

/** Not only by its windows: credits go on where those end. */
const serves = (account: Measured, nowMs: number): boolean => quotaVerdict(account, '', nowMs).verdict !== 'block';

const hasRoom = ({ windows }: Measured, nowMs: number, limitId: string): boolean =>
  windows.every((window) => window.limitId !== limitId || usedOf(window, nowMs) < 100);

function meterOf(limitId: string, accounts: readonly Measured[], nowMs: number): MeterCapacity {
  const metered = accounts.filter(({ windows }) => windows.some((window) => window.limitId === limitId));
  const windows = metered.flatMap((account) => account.windows.filter((window) => window.limitId === limitId));
  const lengths = [...new Set(windows.map(lengthOf))].sort((a, b) => a - b);
  return {
    limitId,
    allowed: metered.length === 0 || metered.some((account) => hasRoom(account, nowMs, limitId)),
    windows: lengths.flatMap((length) =>
      joined(
        length,
        windows.filter((window) => lengthOf(window) === length),
        nowMs,
      ),
    ),
  };
}

/** [] when all of them have reset: nothing is known of the cycle that is running now. */
function joined(windowMinutes: number, windows: readonly QuotaWindow[], nowMs: number): CapacityWindow[] {
  const resets = windows.map(({ resetsAtMs }) => resetsAtMs).filter((at) => at > nowMs);
  if (resets.length === 0) return [];
  const mean = windows.reduce((sum, window) => sum + usedOf(window, nowMs), 0) / windows.length;
  const usedPercent = mean < 100 ? Math.min(99, Math.round(mean)) : 100;
  return [{ windowMinutes, usedPercent, resetsAtMs: Math.min(...resets) }];
}

const usedOf = ({ usedPercent, resetsAtMs }: QuotaWindow, nowMs: number): number =>
  resetsAtMs > nowMs ? usedPercent : 0;

const lengthOf = ({ windowMinutes }: QuotaWindow): number =>
  LENGTHS.find((length) => Math.abs(length - windowMinutes) <= SLACK_MINUTES) ?? windowMinutes;

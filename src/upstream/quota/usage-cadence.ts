/** What decides how often an account's upstream is asked for its usage. Times are Unix times in milliseconds. */
export interface Asking {
  readonly id: string;
  /** Nobody may use it for now, here or in any Pool. */
  readonly paused: boolean;
  readonly lastSuccessAtMs?: number;
  /** When an answer to a call last told of its quota. */
  readonly toldAtMs?: number;
  /** When anything last did. */
  readonly heardAtMs?: number;
  /** Of its fullest running window, 0–100. */
  readonly fullest: number;
  /** Absent: it was never asked. */
  readonly asked?: {
    readonly round: number;
    readonly startedAtMs: number;
    /** In a row. */
    readonly failures: number;
    /** As it was planned when the last probe came to its end. */
    readonly nextAtMs: number;
  };
}

const MINUTE_MS = 60_000;
const SERVING_EVERY_MS = MINUTE_MS;
const IDLE_EVERY_MS = 5 * MINUTE_MS;
const PAUSED_EVERY_MS = 15 * MINUTE_MS;
const SERVING_MS = 2 * MINUTE_MS;
const STALE_MS = 15 * MINUTE_MS;
const NEAR_PERCENT = 90;
const LONGEST_PAUSE_MS = 15 * MINUTE_MS;
/** Up to a tenth sooner or later: accounts that came together are not asked together. */
const JITTER = 0.1;

/** Provider-wide: more than this share of at least so many probes failed. */
const OUTAGE_SHARE = 0.3;
const OUTAGE_PROBES = 5;

/** How long an account is left alone after it was asked, in milliseconds; jitter and failures aside. */
export function intervalOf(asking: Asking, nowMs: number): number {
  if (asking.paused) return PAUSED_EVERY_MS;
  const { lastSuccessAtMs = 0, toldAtMs = 0, heardAtMs = nowMs } = asking;
  const serving = nowMs - Math.max(lastSuccessAtMs, toldAtMs) <= SERVING_MS;
  const stale = nowMs - heardAtMs > STALE_MS;
  return serving || stale || asking.fullest >= NEAR_PERCENT ? SERVING_EVERY_MS : IDLE_EVERY_MS;
}

/** When an account is to be asked again that was asked at `startedAtMs`: the same for everybody who wants to know. */
export function nextAt(asking: Asking, round: number, startedAtMs: number, failures: number, nowMs: number): number {
  const intervalMs = intervalOf(asking, nowMs);
  const pauseMs = failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, MINUTE_MS * 2 ** Math.min(failures, 10));
  return Math.round(startedAtMs + Math.max(intervalMs, pauseMs) * (1 + jitterOf(asking.id, round)));
}

/** Whether it is time: by how the account is used now; after failures not before what was planned then. */
export function isDue(asking: Asking, nowMs: number): boolean {
  if (asking.asked === undefined) return true;
  const { round, startedAtMs, failures, nextAtMs } = asking.asked;
  return nowMs >= (failures > 0 ? nextAtMs : nextAt(asking, round, startedAtMs, 0, nowMs));
}

/** −0.1 to 0.1 by the account and the round (FNV-1a). */
function jitterOf(id: string, round: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${id} ${round}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return ((hash >>> 8) / 0xffffff) * 2 * JITTER - JITTER;
}

/** A usage endpoint that nobody asks for a while. */
export interface Outage {
  /** In a row. */
  readonly rounds: number;
  /** Unix time in milliseconds. */
  readonly untilMs: number;
}

/**
 * Whether a provider's usage endpoint is to be left alone, by what came of the probes since it was last left alone.
 *
 * @returns the outage that goes on or begins; `undefined` when there is none
 */
export function outageAfter(
  known: Outage | undefined,
  probes: { readonly failed: number; readonly all: number },
  nowMs: number,
): Outage | undefined {
  if (known && known.untilMs > nowMs) return known;
  if (probes.all < OUTAGE_PROBES) return known;
  if (probes.failed <= probes.all * OUTAGE_SHARE) return undefined;
  const rounds = (known?.rounds ?? 0) + 1;
  return { rounds, untilMs: nowMs + Math.min(LONGEST_PAUSE_MS, MINUTE_MS * 2 ** Math.min(rounds - 1, 10)) };
}

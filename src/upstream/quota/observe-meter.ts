import type { QuotaMeter, QuotaSource } from '../../core/index.js';
import type { AccountMeter } from './account-meter.js';

/** What one report said of a meter. */
export interface MeterObservation extends QuotaMeter {
  readonly source: QuotaSource;
  /** When it was made, Unix time in milliseconds. */
  readonly observedAtMs: number;
  readonly credentialEpoch: number;
}

/**
 * What is known of a meter after one more report: of each part what was said last. Of two that were said at the same time
 * the one that stops the account holds.
 *
 * @returns `known` itself when the report is of older credentials
 */
export function observeMeter(known: AccountMeter | undefined, seen: MeterObservation): AccountMeter | undefined {
  const epoch = known?.credentialEpoch ?? 0;
  if (seen.credentialEpoch < epoch) return known;
  const name = seen.name ?? known?.name;
  const last = lastOf(known, seen);
  const { observedAtMs, source } = last;
  const credentialEpoch = Math.max(epoch, seen.credentialEpoch);
  const meter: Draft = { limitId: seen.limitId, observedAtMs, source, credentialEpoch };
  if (name !== undefined) meter.name = name;
  if (known?.completeAtMs !== undefined) meter.completeAtMs = known.completeAtMs;
  addVerdict(meter, last);
  addCredits(meter, known, seen);
  return meter;
}

type Draft = { -readonly [Name in keyof AccountMeter]: AccountMeter[Name] };

const speaks = ({ allowed, limitReached }: QuotaMeter): boolean => allowed !== undefined || limitReached !== undefined;

const stops = ({ allowed, limitReached }: QuotaMeter): boolean => allowed === false || limitReached === true;

const lastOf = (known: AccountMeter | undefined, seen: MeterObservation): AccountMeter | MeterObservation =>
  known === undefined || isNewer(known, seen) ? seen : known;

function addVerdict(meter: Draft, { allowed, limitReached, resetsAtMs }: QuotaMeter): void {
  if (allowed !== undefined) meter.allowed = allowed;
  if (limitReached !== undefined) meter.limitReached = limitReached;
  if (resetsAtMs !== undefined) meter.resetsAtMs = resetsAtMs;
}

function isNewer(known: AccountMeter, seen: MeterObservation): boolean {
  if (speaks(known) !== speaks(seen)) return speaks(seen);
  const laterMs = seen.observedAtMs - known.observedAtMs;
  return laterMs === 0 ? stops(seen) : laterMs > 0;
}

function addCredits(meter: Draft, known: AccountMeter | undefined, { credits, observedAtMs }: MeterObservation): void {
  const knownAtMs = known?.creditsObservedAtMs;
  if (credits && (knownAtMs === undefined || observedAtMs >= knownAtMs)) {
    meter.credits = credits;
    meter.creditsObservedAtMs = observedAtMs;
    return;
  }
  if (known?.credits) meter.credits = known.credits;
  if (knownAtMs !== undefined) meter.creditsObservedAtMs = knownAtMs;
}

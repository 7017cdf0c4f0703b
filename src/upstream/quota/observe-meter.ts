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
  return {
    limitId: seen.limitId,
    ...(name === undefined ? {} : { name }),
    ...verdictOf(known, seen),
    ...creditsOf(known, seen),
    ...(known?.completeAtMs === undefined ? {} : { completeAtMs: known.completeAtMs }),
    credentialEpoch: Math.max(epoch, seen.credentialEpoch),
  };
}

type Verdict = Pick<AccountMeter, 'allowed' | 'limitReached' | 'resetsAtMs' | 'observedAtMs' | 'source'>;

const speaks = ({ allowed, limitReached }: QuotaMeter): boolean => allowed !== undefined || limitReached !== undefined;

const stops = ({ allowed, limitReached }: QuotaMeter): boolean => allowed === false || limitReached === true;

function verdictOf(known: AccountMeter | undefined, seen: MeterObservation): Verdict {
  const { allowed, limitReached, resetsAtMs, observedAtMs, source } = isNewer(known, seen) ? seen : (known ?? seen);
  return {
    ...(allowed === undefined ? {} : { allowed }),
    ...(limitReached === undefined ? {} : { limitReached }),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    observedAtMs,
    source,
  };
}

function isNewer(known: AccountMeter | undefined, seen: MeterObservation): boolean {
  if (known === undefined || speaks(known) !== speaks(seen)) return known === undefined || speaks(seen);
  const laterMs = seen.observedAtMs - known.observedAtMs;
  return laterMs === 0 ? stops(seen) : laterMs > 0;
}

function creditsOf(
  known: AccountMeter | undefined,
  { credits, observedAtMs }: MeterObservation,
): Pick<AccountMeter, 'credits' | 'creditsObservedAtMs'> {
  const knownAtMs = known?.creditsObservedAtMs;
  if (credits && (knownAtMs === undefined || observedAtMs >= knownAtMs)) {
    return { credits, creditsObservedAtMs: observedAtMs };
  }
  return {
    ...(known?.credits ? { credits: known.credits } : {}),
    ...(knownAtMs === undefined ? {} : { creditsObservedAtMs: knownAtMs }),
  };
}

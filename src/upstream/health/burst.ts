import type { AccountId } from '../../core/index.js';
import { stateOf, type Circuit, type Judged } from './circuit.js';
import { burstCooldownMs, LONGEST_BURST_MS } from './cooldown.js';

/** What a burst makes of the circuit of the whole account: so many in a row, and shut until then (Unix milliseconds). */
export interface Burst {
  readonly count: number;
  readonly untilMs: number;
}

/**
 * An account was asked for too much at once. Calls that run at the same time find the same burst: it is one more only
 * for a call that began after the last one was over.
 *
 * @param circuit of the whole account
 * @param askedMs what the upstream asked for
 * @returns undefined when the account sits out long enough already
 */
export function burstAfter(
  circuit: Circuit,
  id: AccountId,
  askedMs: number | undefined,
  { beganAtMs }: Judged,
  nowMs: number,
): Burst | undefined {
  const untilMs = circuit.open?.untilMs ?? 0;
  if (stateOf(circuit, nowMs) === 'open') {
    const askedUntilMs = nowMs + Math.min(askedMs ?? 0, LONGEST_BURST_MS);
    return askedUntilMs > untilMs ? { count: circuit.failures, untilMs: askedUntilMs } : undefined;
  }
  const count = Math.max(1, circuit.failures + (beganAtMs >= untilMs ? 1 : 0));
  return { count, untilMs: nowMs + burstCooldownMs(id, count, askedMs) };
}

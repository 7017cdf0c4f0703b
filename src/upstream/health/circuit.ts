/** What is known of one kind of work of one account. Closed when it is not `open`; half open once `open` has passed. */
export interface Circuit {
  /** In a row. */
  readonly failures: number;
  /** Times in Unix milliseconds; `reason` is the error code that opened it. */
  readonly open?: { readonly sinceMs: number; readonly untilMs: number; readonly reason: string };
  /** The call that tries it, and until when nobody else does. */
  readonly probe?: { readonly id: string; readonly untilMs: number };
}

export type CircuitState = 'closed' | 'open' | 'half_open';

/** What a circuit needs to know of a call that comes to an end. */
export interface Judged {
  /** Unix time in milliseconds. */
  readonly beganAtMs: number;
  /** Set when it was the one that tried the circuit. */
  readonly probeId?: string;
}

/** Whether a call may go on: like any other, as the one that tries the circuit, or not at all. */
export type Admission =
  | { readonly as: 'any' }
  | { readonly as: 'probe'; readonly circuit: Circuit }
  | { readonly as: 'nobody'; readonly because: 'open' | 'probing' };

/** Failures in a row that open a circuit. */
export const FAILURE_THRESHOLD = 3;
/** How long a circuit stays open, and for how long one call has the right to try it. */
export const OPEN_MS = 60_000;

export const CLOSED: Circuit = { failures: 0 };

export function stateOf({ open }: Circuit, nowMs: number): CircuitState {
  if (open === undefined) return 'closed';
  return nowMs < open.untilMs ? 'open' : 'half_open';
}

/** A probe that was not heard of for too long is forgotten: its process may have died. */
export const isProbing = ({ probe }: Circuit, nowMs: number): boolean => probe !== undefined && nowMs < probe.untilMs;

/** @param probeId of the call, should it become the one that tries the circuit */
export function admit(circuit: Circuit, probeId: string, nowMs: number): Admission {
  const state = stateOf(circuit, nowMs);
  if (state === 'closed') return { as: 'any' };
  if (state === 'open') return { as: 'nobody', because: 'open' };
  if (isProbing(circuit, nowMs)) return { as: 'nobody', because: 'probing' };
  return { as: 'probe', circuit: { ...circuit, probe: { id: probeId, untilMs: nowMs + OPEN_MS } } };
}

/** A counted failure. A call that is not the probe says nothing about a circuit that is not closed. */
export function failed(circuit: Circuit, call: Judged, reason: string, nowMs: number): Circuit {
  const failures = circuit.failures + 1;
  if (circuit.open === undefined && failures < FAILURE_THRESHOLD) return { failures };
  return openedAtOnce(circuit, call, reason, nowMs);
}

/** A failure that speaks for itself. */
export function openedAtOnce(circuit: Circuit, call: Judged, reason: string, nowMs: number): Circuit {
  if (circuit.open !== undefined && !isProbe(circuit, call)) return circuit;
  return { failures: circuit.failures + 1, open: { sinceMs: nowMs, untilMs: nowMs + OPEN_MS, reason } };
}

/** Shut whatever its state, and never for less long than it is; whoever tries it has lost the right to judge it. */
export function shut(circuit: Circuit, failures: number, reason: string, untilMs: number, nowMs: number): Circuit {
  if (circuit.open !== undefined && untilMs <= circuit.open.untilMs) return circuit;
  return { failures: Math.max(circuit.failures, failures), open: { sinceMs: nowMs, untilMs, reason } };
}

/** A success of a call that began before the circuit opened says nothing about what came since. */
export function succeeded(circuit: Circuit, { beganAtMs }: Judged): Circuit {
  if (circuit.open === undefined) return circuit.failures === 0 ? circuit : CLOSED;
  return beganAtMs >= circuit.open.untilMs ? CLOSED : circuit;
}

/** The call said nothing about the account: whoever comes next may try. */
export function neutral(circuit: Circuit, call: Judged): Circuit {
  if (!isProbe(circuit, call)) return circuit;
  const { probe: _, ...free } = circuit;
  return free;
}

const isProbe = ({ probe }: Circuit, { probeId }: Judged): boolean => probe !== undefined && probe.id === probeId;

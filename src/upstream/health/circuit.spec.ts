import fc from 'fast-check';
import {
  admit,
  CLOSED,
  failed,
  FAILURE_THRESHOLD,
  isProbing,
  neutral,
  OPEN_MS,
  openedAtOnce,
  shut,
  stateOf,
  succeeded,
  type Circuit,
  type Judged,
} from './circuit.js';

const NOW_MS = 1_790_000_000_000;
const LATER_MS = NOW_MS + OPEN_MS;
const REASON = 'upstream_timeout';
const call = (beganAtMs = NOW_MS, probeId?: string): Judged => ({
  beganAtMs,
  ...(probeId === undefined ? {} : { probeId }),
});

const OPEN: Circuit = { failures: 3, open: { sinceMs: NOW_MS, untilMs: LATER_MS, reason: REASON } };
/** Half open, and the call `p1` tries it since `LATER_MS`. */
const PROBING: Circuit = { ...OPEN, probe: { id: 'p1', untilMs: LATER_MS + OPEN_MS } };
const fail = (circuit: Circuit, times: number): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((before) => failed(before, call(), REASON, NOW_MS), circuit);

describe('a circuit', () => {
  it('is closed at first, and lets everybody through', () => {
    expect(stateOf(CLOSED, NOW_MS)).toBe('closed');
    expect(admit(CLOSED, 'p', NOW_MS)).toEqual({ as: 'any' });
  });

  it('stays closed below the threshold', () => {
    expect(fail(CLOSED, FAILURE_THRESHOLD - 1)).toEqual({ failures: FAILURE_THRESHOLD - 1 });
  });

  it('closed → open: with the third failure in a row, for a minute', () => {
    expect(fail(CLOSED, FAILURE_THRESHOLD)).toEqual(OPEN);
  });

  it('closed → closed: any success ends the row', () => {
    expect(succeeded(fail(CLOSED, 2), call())).toBe(CLOSED);
    expect(fail(succeeded(fail(CLOSED, 2), call()), 2).open).toBeUndefined();
  });

  it('closed → open: at once when the failure speaks for itself', () => {
    expect(openedAtOnce(CLOSED, call(), 'upstream_model_unavailable', NOW_MS)).toEqual({
      failures: 1,
      open: { sinceMs: NOW_MS, untilMs: LATER_MS, reason: 'upstream_model_unavailable' },
    });
  });

  it('lets nobody through while it is open', () => {
    expect(stateOf(OPEN, LATER_MS - 1)).toBe('open');
    expect(admit(OPEN, 'p', LATER_MS - 1)).toEqual({ as: 'nobody', because: 'open' });
  });

  it('open → open: whatever calls come to that began before', () => {
    expect(failed(OPEN, call(), REASON, NOW_MS + 5)).toBe(OPEN);
    expect(openedAtOnce(OPEN, call(), REASON, NOW_MS + 5)).toBe(OPEN);
    expect(succeeded(OPEN, call())).toBe(OPEN);
    expect(neutral(OPEN, call())).toBe(OPEN);
  });

  it('open → half open: one call may try it when its time is over', () => {
    expect(stateOf(OPEN, LATER_MS)).toBe('half_open');
    expect(admit(OPEN, 'p1', LATER_MS)).toEqual({ as: 'probe', circuit: PROBING });
    expect(admit(PROBING, 'p2', LATER_MS)).toEqual({ as: 'nobody', because: 'probing' });
  });

  it('half open → closed: by one success', () => {
    expect(succeeded(PROBING, call(LATER_MS, 'p1'))).toBe(CLOSED);
  });

  it('half open → half open: by the success of a call that began before it opened', () => {
    expect(succeeded(PROBING, call(NOW_MS - 1))).toBe(PROBING);
  });

  it('half open → open: by the failure of its probe', () => {
    expect(failed(PROBING, call(LATER_MS, 'p1'), 'upstream_error', LATER_MS + 7)).toEqual({
      failures: 4,
      open: { sinceMs: LATER_MS + 7, untilMs: LATER_MS + 7 + OPEN_MS, reason: 'upstream_error' },
    });
    expect(openedAtOnce(PROBING, call(LATER_MS, 'p1'), 'm', LATER_MS + 7).open?.sinceMs).toBe(LATER_MS + 7);
  });

  it('half open → half open: by the failure of a call that is not its probe', () => {
    expect(failed(PROBING, call(), REASON, LATER_MS)).toBe(PROBING);
    expect(openedAtOnce(PROBING, call(), REASON, LATER_MS)).toBe(PROBING);
    expect(failed(PROBING, call(LATER_MS, 'p0'), REASON, LATER_MS)).toBe(PROBING);
  });

  it('half open → half open: a probe that says nothing makes room for the next', () => {
    expect(neutral(PROBING, call(LATER_MS, 'p1'))).toEqual(OPEN);
    expect(neutral(PROBING, call(LATER_MS, 'p0'))).toBe(PROBING);
    expect(admit(neutral(PROBING, call(LATER_MS, 'p1')), 'p2', LATER_MS).as).toBe('probe');
  });

  it('half open → half open: a probe that was not heard of for as long as it was open is forgotten', () => {
    const late = LATER_MS + OPEN_MS;
    expect(admit(PROBING, 'p2', late - 1)).toEqual({ as: 'nobody', because: 'probing' });
    const next = admit(PROBING, 'p2', late);
    expect(next).toMatchObject({ as: 'probe', circuit: { probe: { id: 'p2' } } });
    const circuit = next.as === 'probe' ? next.circuit : CLOSED;
    expect(failed(circuit, call(LATER_MS, 'p1'), REASON, late)).toBe(circuit);
    expect(succeeded(circuit, call(LATER_MS, 'p1'))).toBe(CLOSED);
  });

  it('any → open: shut for as long as it takes, never for less long than it is, and without its probe', () => {
    const untilMs = LATER_MS + 5_000;
    expect(shut(CLOSED, 1, 'r', untilMs, NOW_MS)).toEqual({
      failures: 1,
      open: { sinceMs: NOW_MS, untilMs, reason: 'r' },
    });
    expect(shut(PROBING, 4, 'r', untilMs, LATER_MS)).toEqual({
      failures: 4,
      open: { sinceMs: LATER_MS, untilMs, reason: 'r' },
    });
    expect(shut(OPEN, 4, 'r', LATER_MS, NOW_MS)).toBe(OPEN);
  });

  it('has at most one call that tries it, and none while it is open, whatever happens', () => {
    const judgements: readonly ((circuit: Circuit, judged: Judged, nowMs: number) => Circuit)[] = [
      (circuit, judged, nowMs) => failed(circuit, judged, REASON, nowMs),
      (circuit, judged, nowMs) => openedAtOnce(circuit, judged, REASON, nowMs),
      succeeded,
      neutral,
      (circuit, _, nowMs) => shut(circuit, 1, REASON, nowMs + 5_000, nowMs),
    ];
    const step = fc.record({
      waitMs: fc.constantFrom(0, 1, 1_000, OPEN_MS - 1, OPEN_MS),
      judgement: fc.option(fc.constantFrom(...judgements)),
      who: fc.nat({ max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let circuit = CLOSED;
        let nowMs = NOW_MS;
        const running: Judged[] = [call()];
        for (const [index, { waitMs, judgement, who }] of steps.entries()) {
          nowMs += waitMs;
          const judged = running[who % running.length] ?? call();
          if (judgement) circuit = judgement(circuit, judged, nowMs);
          else {
            const admission = admit(circuit, `p${index}`, nowMs);
            const isShut = stateOf(circuit, nowMs) === 'open' || isProbing(circuit, nowMs);
            expect(admission.as === 'nobody').toBe(isShut);
            if (admission.as === 'probe') circuit = admission.circuit;
            running.unshift(call(nowMs, admission.as === 'probe' ? `p${index}` : undefined));
          }
          expect(stateOf(circuit, nowMs) !== 'half_open' && circuit.probe !== undefined).toBe(false);
        }
      }),
    );
  });
});

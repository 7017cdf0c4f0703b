import { ended, HALF_LIFE_MS, heard, pulseOf, STILL, type Beat } from './pulse.js';

const NOW_MS = 1_790_000_000_000;
const times = (count: number, step: (beat: Beat) => Beat): Beat =>
  Array.from({ length: count }).reduce<Beat>((beat) => step(beat), STILL);

describe('the pulse of an account', () => {
  it('says nothing of one that nobody has asked', () => {
    expect(pulseOf(STILL, undefined, NOW_MS)).toEqual({ failureShare: 0 });
    expect(pulseOf(STILL, NOW_MS - 5, NOW_MS)).toEqual({ failureShare: 0, lastSuccessAtMs: NOW_MS - 5 });
  });

  it('is the mean time to the first event, where old answers count half after five minutes', () => {
    const beat = heard(heard(STILL, 1_000, NOW_MS - HALF_LIFE_MS), 400, NOW_MS);
    expect(pulseOf(beat, undefined, NOW_MS).ttftMs).toBeCloseTo((0.5 * 1_000 + 400) / 1.5);
  });

  it('forgets how fast it was when it has not answered for long', () => {
    const beat = heard(STILL, 1_000, NOW_MS);
    expect(pulseOf(beat, undefined, NOW_MS + 20 * 60_000).ttftMs).toBeCloseTo(1_000);
    expect(pulseOf(beat, undefined, NOW_MS + 60 * 60_000).ttftMs).toBeUndefined();
  });

  it('is near 1 when all fail, near 0 when all succeed, and doubtful after one failure', () => {
    const share = (beat: Beat) => pulseOf(beat, undefined, NOW_MS).failureShare;
    expect(share(times(50, (beat) => ended(beat, 'failed', NOW_MS)))).toBeGreaterThan(0.95);
    expect(share(times(50, (beat) => ended(beat, 'succeeded', NOW_MS)))).toBe(0);
    expect(share(ended(STILL, 'failed', NOW_MS))).toBe(0.5);
  });

  it('fades: a failure of long ago is none', () => {
    const beat = times(10, (before) => ended(before, 'failed', NOW_MS));
    expect(pulseOf(beat, undefined, NOW_MS + 60 * 60_000).failureShare).toBeLessThan(0.01);
  });

  it('does not grow when the clock goes back', () => {
    const beat = ended(STILL, 'failed', NOW_MS);
    expect(pulseOf(beat, undefined, NOW_MS - 3_600_000).failureShare).toBe(0.5);
  });
});

import fc from 'fast-check';
import type { AccountMeter } from './account-meter.js';
import type { ObservedWindow } from './observed-window.js';
import { quotaVerdict, STALE_EVIDENCE_MS } from './quota-verdict.js';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
const window = (usedPercent: number, rest: Partial<ObservedWindow> = {}): ObservedWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: NOW + HOUR,
  source: 'headers',
  observedAtMs: NOW - 1,
  ...rest,
});
const meter = (rest: Partial<AccountMeter> = {}): AccountMeter => ({
  limitId: 'codex',
  observedAtMs: NOW - 1,
  source: 'usage',
  ...rest,
});
const verdict = (windows: ObservedWindow[], meters: AccountMeter[] = [], model = 'gpt-5.5') =>
  quotaVerdict({ windows, meters }, model, NOW);

describe('the quota of an account for a model', () => {
  it('allows a call while every window has room', () => {
    const weekly = window(41.5, { windowMinutes: 10_080, resetsAtMs: NOW + 50 * HOUR, source: 'event' });
    expect(verdict([window(12), weekly])).toEqual({
      verdict: 'allow',
      pressure: 41.5,
      soonestResetMs: NOW + HOUR,
      evidence: { source: 'event', observedAtMs: NOW - 1, limitId: 'codex', windowMinutes: 10_080, usedPercent: 41.5 },
    });
  });

  it('blocks it while a window is spent, until the last of those resets', () => {
    const weekly = window(100, { windowMinutes: 10_080, resetsAtMs: NOW + 50 * HOUR });
    expect(verdict([window(100), weekly, window(1, { windowMinutes: 60 })])).toMatchObject({
      verdict: 'block',
      pressure: 100,
      soonestResetMs: NOW + HOUR,
      clearsAtMs: NOW + 50 * HOUR,
      evidence: { windowMinutes: 10_080, usedPercent: 100 },
    });
  });

  it('is known of a window that is spent however old that evidence is, until its reset', () => {
    const observedAtMs = NOW - 50 * HOUR;
    expect(verdict([window(100, { observedAtMs })]).verdict).toBe('block');
    expect(verdict([window(100, { observedAtMs, resetsAtMs: NOW })])).toEqual({ verdict: 'unknown', pressure: 0 });
  });

  it.each<[string, ObservedWindow[], AccountMeter[]]>([
    ['nothing', [], []],
    ['a window that has reset', [window(50, { resetsAtMs: NOW })], []],
    ['evidence that is old', [window(50, { observedAtMs: NOW - STALE_EVIDENCE_MS - 1 })], []],
    ['what it says of credits', [], [meter({ credits: { available: true, unlimited: false } })]],
    ['that it was allowed once', [], [meter({ allowed: true, observedAtMs: NOW - STALE_EVIDENCE_MS - 1 })]],
    ['that it was not allowed once', [], [meter({ allowed: false, observedAtMs: NOW - STALE_EVIDENCE_MS })]],
  ])('is unknown by %s', (_, windows, meters) => {
    expect(verdict(windows, meters).verdict).toBe('unknown');
  });

  it('is good when the upstream says so and tells no windows (#321)', () => {
    expect(verdict([], [meter({ allowed: true, limitReached: false })])).toEqual({
      verdict: 'allow',
      pressure: 0,
      evidence: { source: 'usage', observedAtMs: NOW - 1, limitId: 'codex' },
    });
  });

  it.each<Partial<AccountMeter>>([{ allowed: false }, { limitReached: true }, { allowed: true, limitReached: true }])(
    'blocks a call when the upstream says %j',
    (said) => {
      expect(verdict([window(60)], [meter({ ...said, observedAtMs: NOW })])).toMatchObject({
        verdict: 'block',
        pressure: 60,
        clearsAtMs: NOW + STALE_EVIDENCE_MS,
        evidence: { limitId: 'codex', source: 'usage' },
      });
    },
  );

  it('is back at the reset that a refusal named', () => {
    const refused = meter({ allowed: false, resetsAtMs: NOW + 9 * HOUR, observedAtMs: NOW - 3 * HOUR });
    expect(verdict([], [refused])).toMatchObject({ verdict: 'block', clearsAtMs: NOW + 9 * HOUR });
    expect(verdict([], [{ ...refused, resetsAtMs: NOW }]).verdict).toBe('unknown');
  });

  it('is back when windows told later have room', () => {
    const refused = meter({ allowed: false, observedAtMs: NOW - 10 });
    expect(verdict([window(60)], [refused]).verdict).toBe('allow');
    expect(verdict([window(100)], [refused]).verdict).toBe('block');
    expect(verdict([window(60, { observedAtMs: NOW - 10 })], [refused]).verdict).toBe('block');
  });

  it.each([
    { available: true, unlimited: false },
    { available: false, unlimited: true },
  ])('goes on with the credits %j where a window ends', (credits) => {
    expect(verdict([window(100)], [meter({ credits, limitReached: true })])).toMatchObject({
      verdict: 'allow',
      pressure: 100,
    });
    expect(verdict([window(100)], [meter({ credits, allowed: false })]).verdict).toBe('block');
  });

  it('does not go on without credits', () => {
    expect(verdict([window(100)], [meter({ credits: { available: false, unlimited: false } })]).verdict).toBe('block');
  });

  describe('with a meter of one model', () => {
    const spark = window(100, { limitId: 'gpt_5_3_codex_spark' });

    it.each(['gpt-5.3-codex-spark', ' GPT-5.3-Codex-Spark '])('counts it for that model, asked for as %j', (model) => {
      expect(verdict([window(5), spark], [], model)).toMatchObject({ verdict: 'block', pressure: 100 });
    });

    it.each(['gpt-5.3-codex', 'gpt-5.5', ''])('counts it for no other, such as %j', (model) => {
      expect(verdict([window(5), spark], [], model)).toMatchObject({ verdict: 'allow', pressure: 5 });
    });

    it('knows the model by the name of the meter', () => {
      const named = { ...spark, limitId: 'codex_bengalfox' };
      const meters = [meter({ limitId: 'codex_bengalfox', name: 'GPT-5.3-Codex-Spark' })];
      expect(verdict([window(5), named], meters, 'gpt-5.3-codex-spark').verdict).toBe('block');
      expect(verdict([window(5), named], meters, 'gpt-5.5').verdict).toBe('allow');
    });

    it('counts the account’s own meter as well', () => {
      expect(verdict([window(100), { ...spark, usedPercent: 1 }], [], 'gpt-5.3-codex-spark').verdict).toBe('block');
    });
  });

  it('is the same whatever the order of its evidence, and never allows what it calls full', () => {
    const percent = fc.oneof(fc.nat({ max: 100 }), fc.constant(100));
    const some = fc.array(
      fc.record({ percent, minutes: fc.constantFrom(300, 10_080, 43_200), leftMs: fc.integer({ min: -9, max: 9 }) }),
    );
    const shuffled = some.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, mixed]) => {
        const windows = (list: typeof all): ObservedWindow[] =>
          list.map(({ percent: used, minutes, leftMs }) =>
            window(used, { windowMinutes: minutes, resetsAtMs: NOW + leftMs }),
          );
        const { evidence: _, ...one } = verdict(windows(all));
        const { evidence: __, ...other } = verdict(windows(mixed));
        expect(one).toEqual(other);
        expect(one.verdict === 'block').toBe(one.pressure >= 100);
        if (one.verdict === 'block') expect(one.clearsAtMs).toBeGreaterThan(NOW);
      }),
    );
  });
});

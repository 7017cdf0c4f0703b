import fc from 'fast-check';
import { noQuota, type QuotaMeter, type QuotaReport, type QuotaWindow } from '../../core/index.js';
import { withReport, type AccountEvidence, type SeenReport } from './account-evidence.js';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
const NOTHING: AccountEvidence = { windows: [], meters: [] };

const window = (usedPercent: number, rest: Partial<QuotaWindow> = {}): QuotaWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: NOW + HOUR,
  ...rest,
});
const seen = (report: Partial<QuotaReport>, afterMs = 0, credentialEpoch = 1): SeenReport => ({
  report: { ...noQuota('usage'), ...report },
  atMs: NOW + afterMs,
  credentialEpoch,
});
const after = (...reports: readonly SeenReport[]): AccountEvidence =>
  reports.reduce((known, each) => withReport(known, each, NOW + HOUR / 2), NOTHING);
const lengths = (...reports: readonly SeenReport[]): number[] =>
  after(...reports)
    .windows.map(({ windowMinutes }) => windowMinutes)
    .sort((a, b) => a - b);
const meterAfter = (...reports: readonly SeenReport[]) => after(...reports).meters[0];

const WEEK = { windowMinutes: 10_080 };
const whole = { wholeMeters: ['codex'] };

describe('windows', () => {
  it('that a report calls null are gone, those it does not speak of stay (trap 41)', () => {
    const both = seen({ windows: [window(100), window(5, WEEK)] });
    expect(lengths(both, seen({ windows: [window(6, WEEK)] }, 1))).toEqual([300, 10_080]);
    expect(lengths(both, seen({ windows: [window(6, WEEK)], ...whole }, 1))).toEqual([10_080]);
    expect(lengths(both, seen(whole, 1))).toEqual([]);
  });

  it('of other meters stay', () => {
    const other = seen({ windows: [window(100, { limitId: 'other' })] });
    expect(lengths(other, seen({ windows: [window(6, WEEK)], ...whole }, 1))).toEqual([300, 10_080]);
  });

  it('that were told later, or for newer credentials, stay', () => {
    const late = seen({ windows: [window(6, WEEK)], ...whole }, -1);
    expect(lengths(seen({ windows: [window(100)] }), late)).toEqual([300, 10_080]);
    expect(lengths(seen({ windows: [window(100)] }, 0, 2), seen(whole, 1, 1))).toEqual([300]);
  });

  it('that are gone do not come back with an older report', () => {
    expect(lengths(seen({ windows: [window(6, WEEK)], ...whole }, 1), seen({ windows: [window(100)] }))).toEqual([
      10_080,
    ]);
    expect(lengths(seen(whole, 1), seen({ windows: [window(100)] }, 2))).toEqual([300]);
  });

  it('stay when the report that calls them null comes out of a cache', () => {
    const cached = { windows: [window(6, { ...WEEK, saidAtMs: NOW - HOUR })], ...whole };
    expect(lengths(seen({ windows: [window(100)] }), seen(cached, 1))).toEqual([300, 10_080]);
  });
});

describe('what is said of a meter', () => {
  const says = (meter: Partial<QuotaMeter>, afterMs: number, epoch = 1) =>
    seen({ meters: [{ limitId: 'codex', ...meter }] }, afterMs, epoch);
  const credits = { available: true, unlimited: false };

  it('is the last of each part, whatever the order', () => {
    const reports = [
      says({ allowed: false, limitReached: true, resetsAtMs: NOW + HOUR }, 0),
      says({ credits }, 1),
      says({ allowed: true }, 2),
      says({ name: 'Codex' }, 3),
    ];
    const expected = { limitId: 'codex', name: 'Codex', allowed: true, credits, observedAtMs: NOW + 2 };
    fc.assert(
      fc.property(fc.shuffledSubarray([...reports, ...reports], { minLength: 8 }), (mixed) => {
        expect(meterAfter(...mixed)).toMatchObject(expected);
        expect(meterAfter(...mixed)).not.toHaveProperty('limitReached');
        expect(meterAfter(...mixed)).not.toHaveProperty('resetsAtMs');
      }),
    );
  });

  it('is that it is stopped, of two things said at once', () => {
    const [allowed, stopped] = [says({ allowed: true }, 0), says({ allowed: false }, 0)];
    expect(meterAfter(allowed, stopped)).toMatchObject({ allowed: false });
    expect(meterAfter(stopped, allowed)).toMatchObject({ allowed: false });
  });

  it('for older credentials is not heard', () => {
    expect(meterAfter(says({ allowed: true }, 0, 2), says({ allowed: false }, 1))).toMatchObject({ allowed: true });
  });
});

describe('a refusal', () => {
  it('spends the window that has its reset, and no other', () => {
    const known = seen({ windows: [window(97), window(50, { ...WEEK, resetsAtMs: NOW + 9 * HOUR })] });
    const meters = [{ limitId: 'codex', allowed: false, resetsAtMs: NOW + HOUR - 30_000 }];
    const { windows } = after(known, seen({ source: 'error', meters }, 1));
    expect(windows).toMatchObject([
      { usedPercent: 100, source: 'error' },
      { usedPercent: 50, source: 'usage' },
    ]);
  });

  it('spends nothing when it names no reset', () => {
    const refused = seen({ source: 'error', meters: [{ limitId: 'codex', allowed: false }] }, 1);
    expect(after(seen({ windows: [window(97)] }), refused).windows).toMatchObject([{ usedPercent: 97 }]);
  });
});

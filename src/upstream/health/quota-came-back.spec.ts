import type { ObservedWindow } from '../quota/observed-window.js';
import type { AccountMeter } from '../quota/account-meter.js';
import { quotaCameBack } from './quota-came-back.js';

const SINCE_MS = 1_790_000_000_000;
const NOW_MS = SINCE_MS + 120_000;
const LATER_MS = SINCE_MS + 60_000;
const window = (over: Partial<ObservedWindow> = {}): ObservedWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent: 40,
  resetsAtMs: NOW_MS + 3_600_000,
  observedAtMs: LATER_MS,
  source: 'usage',
  ...over,
});
const meter = (over: Partial<AccountMeter> = {}): AccountMeter => ({
  limitId: 'codex',
  allowed: true,
  observedAtMs: LATER_MS,
  source: 'usage',
  ...over,
});
const cameBack = (windows: readonly ObservedWindow[], meters: readonly AccountMeter[] = []) =>
  quotaCameBack({ windows, meters }, SINCE_MS, NOW_MS);

describe('a quota that was spent', () => {
  it('came back when everything said since has room', () => {
    expect(cameBack([window(), window({ windowMinutes: 10_080, usedPercent: 99 })])).toBe(true);
    expect(cameBack([], [meter()])).toBe(true);
  });

  it.each<[string, readonly ObservedWindow[], readonly AccountMeter[]]>([
    ['nothing was said since', [window({ observedAtMs: SINCE_MS - 1 })], []],
    ['what was said was said beside the refusal', [window({ observedAtMs: SINCE_MS + 4_000 })], []],
    ['one window is still spent', [window(), window({ windowMinutes: 10_080, usedPercent: 100 })], []],
    ['of one window nothing was said since', [window(), window({ windowMinutes: 60, observedAtMs: SINCE_MS })], []],
    ['the upstream says that it serves nothing', [window()], [meter({ allowed: false, observedAtMs: LATER_MS + 1 })]],
    ['only another meter was spoken of', [window({ limitId: 'gpt-5.4' })], []],
    ['nothing is known', [], []],
  ])('did not when %s', (_, windows, meters) => {
    expect(cameBack(windows, meters)).toBe(false);
  });
});

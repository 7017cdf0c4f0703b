/** Everything that a fake clock may leave alone, but the calendar: drivers of real servers go on as ever. */
const REAL = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** A calendar that stands still for the tests of this block, and the way to set it forward. */
export function useCalendar(): { pass(ms: number): void } {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: [...REAL], now: Date.now() }));
  afterEach(() => void jest.useRealTimers());
  return { pass: (ms) => jest.setSystemTime(Date.now() + ms) };
}

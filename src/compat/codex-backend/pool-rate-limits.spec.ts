import { collect, frameOf, from, jsonEvent, SseFramer } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { Capacity, CapacityWindow } from '../../upstream/index.js';
import { capacityHeaders, poolRateLimitsFrame, withPoolRateLimits } from './pool-rate-limits.js';

const NOW = 1_800_000_000_000;
const window = (windowMinutes: number, usedPercent: number): CapacityWindow => ({
  windowMinutes,
  usedPercent,
  resetsAtMs: NOW,
});
const capacity = (...windows: CapacityWindow[]): Capacity => ({
  limitId: 'codex',
  allowed: true,
  windows,
  others: [],
});
const TWO = capacity(window(300, 12), window(10_080, 40));

const ACCOUNTS = '{"type":"codex.rate_limits","plan_type":"pro","rate_limits":{"primary":null}}';
const DELTA = '{"type":"response.output_text.delta","delta":"x"}';
const block = (json: string) => `data: ${json}\n\n`;

function streamed(text: string): AnswerPart {
  const batch = new SseFramer().push(Buffer.from(text));
  if (batch === undefined) throw new Error('no whole block');
  return { kind: 'batch', ...batch };
}
const rewritten = async (part: AnswerPart, told: () => Promise<Capacity> = async () => TWO) => {
  const [only] = await collect(withPoolRateLimits(from([part]), told));
  if (only?.kind !== 'batch') throw new Error('not a batch');
  return only;
};

describe("a Pool's capacity in an answer", () => {
  it('is in the headers that a CLI reads, the shortest window first', () => {
    expect(capacityHeaders(TWO)).toEqual({
      'x-codex-primary-used-percent': '12',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': '1800000000',
      'x-codex-secondary-used-percent': '40',
      'x-codex-secondary-window-minutes': '10080',
      'x-codex-secondary-reset-at': '1800000000',
    });
    expect(capacityHeaders(capacity())).toEqual({});
  });

  it('is in a frame without a plan', () => {
    expect(JSON.parse(poolRateLimitsFrame(capacity(window(300, 12))))).toEqual({
      type: 'codex.rate_limits',
      plan_type: null,
      rate_limits: { primary: { used_percent: 12, window_minutes: 300, reset_at: 1_800_000_000 }, secondary: null },
      credits: null,
      metered_limit_name: 'codex',
    });
  });

  it("takes the place of an account's, and leaves every other byte alone", async () => {
    const batch = await rewritten(streamed(`${block(DELTA)}${block(ACCOUNTS)}${block(DELTA)}`));
    const own = `event: codex.rate_limits\n${block(poolRateLimitsFrame(TWO))}`;
    expect(batch.raw.toString()).toBe(`${block(DELTA)}${own}${block(DELTA)}`);
    expect(batch.events.map(({ type }) => type)).toEqual([
      'response.output_text.delta',
      'codex.rate_limits',
      'response.output_text.delta',
    ]);
  });

  it('is a frame where a frame was, and a frame can be made of it where a block was', async () => {
    const frame = await rewritten({ kind: 'batch', ...jsonEvent(Buffer.from(ACCOUNTS)) });
    expect(frame.raw.toString()).toBe(poolRateLimitsFrame(TWO));
    for (const { events } of [frame, await rewritten(streamed(block(ACCOUNTS)))]) {
      expect(events.map(frameOf)).toEqual([poolRateLimitsFrame(TWO)]);
    }
  });

  it("leaves an account's out when nobody can say what the Pool's is", async () => {
    const batch = await rewritten(streamed(`${block(ACCOUNTS)}${block(DELTA)}`), () =>
      Promise.reject(new Error('away')),
    );
    expect(batch.raw.toString()).toBe(block(DELTA));
  });

  it('is not asked for by answers that tell nothing', async () => {
    const part = streamed(block(DELTA));
    expect(await collect(withPoolRateLimits(from([part]), () => Promise.reject(new Error('asked'))))).toEqual([part]);
  });
});

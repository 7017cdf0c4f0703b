import { GatewayError, jsonEvent, SseFramer, type AccountId, type EventBatch } from '../core/index.js';
import { Meter } from './meter.js';

const account = { id: 'acc-1' as AccountId, label: 'alice' };
const other = { id: 'acc-2' as AccountId, label: 'bob' };
const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
};
const COMPLETED = `data: ${JSON.stringify({
  type: 'response.completed',
  response: { id: 'r', status: 'completed', model: 'gpt-5.5-2026', service_tier: 'default', usage },
})}\n\n`;
const TEXT = 'data: {"type":"response.output_text.delta","delta":"hi"}\n\n';

const batch = (text: string): EventBatch => {
  const framed = new SseFramer().push(Buffer.from(text));
  if (!framed) throw new Error('not a whole block');
  return framed;
};

function served(...texts: string[]): Meter {
  const meter = new Meter();
  meter.attempt(account, 1_000);
  meter.answered(200);
  for (const text of texts) meter.observe(batch(text), 1_500);
  return meter;
}

describe('Meter', () => {
  it('reads outcome, usage in disjoint buckets, model and times of a completed call', () => {
    const meter = served(TEXT, COMPLETED);
    meter.completed();
    expect(meter.reading(2_000)).toEqual({
      outcome: 'succeeded',
      httpStatus: 200,
      usage: { inputUncached: 40, inputCached: 60, cacheWrite: 0, output: 15, reasoning: 5 },
      actualModel: 'gpt-5.5-2026',
      serviceTier: 'default',
      firstEventAtMs: 1_500,
      attempts: [
        {
          number: 1,
          accountId: 'acc-1',
          accountLabel: 'alice',
          outcome: 'succeeded',
          upstreamStatus: 200,
          startedAtMs: 1_000,
          firstEventAtMs: 1_500,
          completedAtMs: 2_000,
        },
      ],
    });
  });

  it('cuts a batch off after its terminal event (trap 9)', () => {
    const meter = served();
    const seen = meter.observe(batch(COMPLETED + TEXT), 1_500);
    expect(seen.raw.toString()).toBe(COMPLETED);
    expect(seen.events).toHaveLength(1);
    expect(meter.ended).toBe(true);
  });

  it('leaves a batch alone when nothing follows its terminal event', () => {
    const whole = batch(TEXT + COMPLETED);
    expect(served().observe(whole, 1_500)).toBe(whole);
  });

  it('counts the pieces of text that came through, as long as the upstream says nothing of usage', () => {
    const pieces = ['output_text', 'reasoning_summary_text'].map(
      (kind) => `data: {"type":"response.${kind}.delta","delta":"a"}\n\n`,
    );
    expect(served(...pieces, ...pieces).reading(2_000)).toMatchObject({ outcome: 'cancelled', streamed: 4 });
    expect(served(...pieces, COMPLETED).reading(2_000)).not.toHaveProperty('streamed');
    expect(served('data: {"type":"response.created"}\n\n').reading(2_000)).not.toHaveProperty('streamed');
  });

  it('says rejected of a call that a limit ended', () => {
    const meter = new Meter();
    meter.fail(new GatewayError('api_key_policy_limit_exceeded', 'Too much.'));
    expect(meter.reading(2_000)).toMatchObject({ outcome: 'rejected', httpStatus: 429, attempts: [] });
  });

  it('has unknown usage when the upstream reported none, and not zero', () => {
    const meter = served('data: {"type":"response.completed","response":{"id":"r"}}\n\n');
    expect(meter.reading(2_000)).not.toHaveProperty('usage');
    expect(meter.reading(2_000).outcome).toBe('succeeded');
  });

  it('counts the usage of a failed response and names the code of the provider', () => {
    const failed = { type: 'response.failed', response: { id: 'r', usage, error: { code: 'cyber_policy' } } };
    const reading = served(`data: ${JSON.stringify(failed)}\n\n`).reading(2_000);
    expect(reading).toMatchObject({ outcome: 'failed', error: { code: 'cyber_policy', blame: 'upstream' } });
    expect(reading.usage).toBeDefined();
  });

  it('calls a call that its client left cancelled, unless the terminal event was out already', () => {
    const left = new GatewayError('client_disconnected', 'gone');
    const early = served(TEXT);
    early.fail(left);
    expect(early.reading(2_000)).toMatchObject({ outcome: 'cancelled', error: { code: 'client_disconnected' } });
    const late = served(COMPLETED);
    late.fail(left);
    expect(late.reading(2_000)).toMatchObject({ outcome: 'succeeded' });
  });

  it('calls a call that was given back unread cancelled', () => {
    expect(served(TEXT).reading(2_000)).toMatchObject({ outcome: 'cancelled', error: { code: 'client_disconnected' } });
  });

  it('keeps every attempt with its own failure', () => {
    const meter = new Meter();
    meter.attempt(account, 1_000);
    meter.attemptFailed(
      new GatewayError('upstream_quota_exhausted', 'spent', { upstreamStatus: 429, resetsAtMs: 9_000 }),
      1_100,
    );
    meter.attempt(other, 1_100);
    meter.answered(200);
    meter.observe(batch(COMPLETED), 1_200);
    meter.completed();
    expect(meter.reading(2_000).attempts).toMatchObject([
      { number: 1, accountId: 'acc-1', outcome: 'failed', errorCode: 'upstream_quota_exhausted', upstreamStatus: 429 },
      { number: 2, accountId: 'acc-2', outcome: 'succeeded' },
    ]);
    expect(meter.quotaResets).toEqual([9_000]);
  });

  it('has the status of the error when nothing was answered', () => {
    const meter = new Meter();
    meter.fail(new GatewayError('no_eligible_backend', 'nobody'));
    expect(meter.reading(2_000)).toMatchObject({ outcome: 'failed', httpStatus: 503, attempts: [] });
  });
});

describe('the meter of an answer that is no response', () => {
  const read = (answer: object) => {
    const meter = served();
    meter.observe(jsonEvent(Buffer.from(JSON.stringify(answer))), 1_500);
    meter.completed();
    return meter.reading(2_000);
  };

  it('counts what a picture says it cost', () => {
    const cost = { input_tokens: 50, output_tokens: 70, total_tokens: 120, input_tokens_details: { text_tokens: 50 } };
    const { outcome, usage: counted } = read({ created: 1, data: [{ b64_json: 'aGk=' }], usage: cost });
    expect([outcome, counted]).toEqual([
      'succeeded',
      { inputUncached: 50, inputCached: 0, cacheWrite: 0, output: 70, reasoning: 0 },
    ]);
  });

  it('counts what a compaction says it cost', () => {
    expect(read({ output: [{ type: 'compaction' }], usage }).usage).toMatchObject({ inputCached: 60, output: 15 });
  });

  it.each([{ text: 'heard' }, { data: [], usage: null }, { data: [], usage: { tokens: 3 } }])(
    'knows no usage when it says none: %j',
    (answer) => {
      expect(read(answer)).not.toHaveProperty('usage');
    },
  );
});

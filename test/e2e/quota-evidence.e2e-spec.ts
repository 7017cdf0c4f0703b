import { quotaVerdict, type AccountSnapshot } from '../../src/upstream/index.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  burst429,
  events,
  json,
  ScriptedUpstream,
  withHeaders,
  type AccountOptions,
  type WireEvent,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const HOUR_S = 3_600;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const used = (usedPercent: number): AccountOptions => ({ primary: { usedPercent }, secondary: null });
const verdictOf = (account: AccountSnapshot | undefined, model = 'gpt-5.5') =>
  quotaVerdict(account ?? { windows: [], meters: [] }, model, Date.now());

/** A Pool of two accounts: the first one is known to have room, so that it is asked first; of the other nothing is known. */
async function pair(first: AccountOptions = used(5)) {
  const team = await newPool(gateway, upstream, [first, used(80)]);
  const [one, other] = team.accounts;
  if (!one || !other) throw new Error('no accounts');
  const known = async () => (await team.snapshot()).find(({ label }) => label === one.id);
  const probe = async () => gateway.get(UsageProbe).run((await known())?.id ?? ('' as AccountSnapshot['id']), Date.now);
  expect(await probe()).toBe('stored');
  return { team, one, other, known, probe };
}

async function served(team: TestPool): Promise<string | undefined> {
  const answer = await team.post(ask());
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  return upstream.received.at(-1)?.accountId;
}

const headersOf = (slot: string, usedPercent: number, minutes: number, resetAt: number) => ({
  [`x-codex-${slot}-used-percent`]: String(usedPercent),
  [`x-codex-${slot}-window-minutes`]: String(minutes),
  [`x-codex-${slot}-reset-at`]: String(resetAt),
});
const telling = (limits: object): WireEvent => ({ type: 'codex.rate_limits', plan_type: 'pro', rate_limits: limits });
const answering = (...told: WireEvent[]) =>
  events([
    { type: 'response.created', response: { id: 'resp_1' } },
    ...told,
    { type: 'response.completed', response: { id: 'resp_1' } },
  ]);
const usageBody = (primary: object | null, more: object = {}) =>
  json(200, { plan_type: 'pro', rate_limit: { primary_window: primary, ...more } });

describe('an account that cannot serve', () => {
  it('is known by the headers of an answer, by the length of the window and not its slot', async () => {
    const { team, one, other, known } = await pair();
    one.replyWith(withHeaders(headersOf('primary', 100, 10_080, inSeconds(50 * HOUR_S)), hello()));
    expect(await served(team)).toBe(one.id);
    const evidence = { windowMinutes: 10_080, usedPercent: 100, source: 'headers' };
    expect(verdictOf(await known())).toMatchObject({ verdict: 'block', evidence });
    for (let call = 0; call < 3; call += 1) expect(await served(team)).toBe(other.id);
  });

  it('is known by an event in its stream', async () => {
    const { team, one, other, known } = await pair();
    const spent = { used_percent: 100, window_minutes: 300, reset_at: inSeconds(2 * HOUR_S) };
    one.replyWith(answering(telling({ primary: spent, secondary: null })));
    expect(await served(team)).toBe(one.id);
    expect(verdictOf(await known())).toMatchObject({ verdict: 'block', evidence: { source: 'event' } });
    expect(await served(team)).toBe(other.id);
  });

  it('is known by its refusal, which no client sees', async () => {
    const { team, one, other, known } = await pair();
    one.exhaust(2 * HOUR_S);
    expect(await served(team)).toBe(other.id);
    expect(one.calls).toBe(1);
    expect(verdictOf(await known())).toMatchObject({ verdict: 'block', evidence: { source: 'error' } });
    expect(await served(team)).toBe(other.id);
  });

  it('is known when it is asked for its usage, before any call', async () => {
    const { team, one, other, known, probe } = await pair();
    one.exhaust(2 * HOUR_S);
    expect(await probe()).toBe('stored');
    expect(verdictOf(await known())).toMatchObject({ verdict: 'block', evidence: { source: 'usage' } });
    expect(await served(team)).toBe(other.id);
    expect(one.calls).toBe(0);
  });

  it('comes back when its window resets', async () => {
    const resetsAtMs = Date.now() + 4_000;
    const { team, one, known } = await pair({ primary: { usedPercent: 5, resetsAtMs }, secondary: null });
    one.replyWith(withHeaders({ 'x-codex-primary-used-percent': '100' }, hello()));
    expect(await served(team)).toBe(one.id);
    expect(verdictOf(await known()).verdict).toBe('block');
    await eventually(async () => expect(verdictOf(await known()).verdict).not.toBe('block'));
    expect(Date.now()).toBeGreaterThanOrEqual(Math.floor(resetsAtMs / 1000) * 1000);
    // Nothing is known of it any more: it is tried when the other cannot serve.
    await gateway
      .database()
      .query(`UPDATE pool_account SET status = 'paused' WHERE account_id <> $1 AND pool_id = $2`, [
        (await known())?.id,
        team.pool.id,
      ]);
    await eventually(async () => expect(await served(team)).toBe(one.id));
  });

  it('comes back when the usage endpoint says that the spent window is not there any more', async () => {
    const { one, known, probe } = await pair();
    const spent = { used_percent: 100, limit_window_seconds: 18_000, reset_at: inSeconds(2 * HOUR_S) };
    const weekly = { used_percent: 5, limit_window_seconds: 604_800, reset_at: inSeconds(50 * HOUR_S) };
    one.usageReply = usageBody(spent, { secondary_window: weekly });
    await probe();
    expect(verdictOf(await known()).verdict).toBe('block');
    one.usageReply = usageBody(weekly);
    await probe();
    expect(verdictOf(await known()).verdict).toBe('block');
    one.usageReply = usageBody(weekly, { secondary_window: null });
    await probe();
    expect(await known()).toMatchObject({ windows: [{ windowMinutes: 10_080, usedPercent: 5 }] });
    expect(verdictOf(await known()).verdict).toBe('allow');
  });

  it('does not come back for a single report of no use', async () => {
    const { one, known, probe } = await pair();
    const window = { limit_window_seconds: 18_000, reset_at: inSeconds(2 * HOUR_S) };
    one.usageReply = usageBody({ used_percent: 100, ...window });
    await probe();
    one.usageReply = usageBody({ used_percent: 0, ...window });
    await probe();
    expect(verdictOf(await known())).toMatchObject({ verdict: 'block', pressure: 100 });
  });
});

describe('an account that can serve', () => {
  it('is one without windows whose upstream says so (#321), whatever its spend control says (#394)', async () => {
    const { one, known, probe } = await pair();
    one.usageReply = json(200, {
      plan_type: 'business',
      rate_limit: { allowed: true, limit_reached: false, primary_window: null, secondary_window: null },
      spend_control: { reached: true },
    });
    await probe();
    expect(await known()).toMatchObject({ windows: [] });
    expect(verdictOf(await known()).verdict).toBe('allow');
  });

  it('is one whose window is spent but not its credits', async () => {
    const { team, one, known } = await pair();
    const credits = { 'x-codex-credits-has-credits': 'True', 'x-codex-credits-balance': '12.5' };
    const spent = headersOf('primary', 100, 300, inSeconds(2 * HOUR_S));
    one.replyWith(withHeaders({ ...spent, ...credits }, hello()));
    expect(await served(team)).toBe(one.id);
    expect(await known()).toMatchObject({ meters: [{ credits: { available: true, unlimited: false } }] });
    expect(verdictOf(await known())).toMatchObject({ verdict: 'allow', pressure: 100 });
  });

  it('is one that refused in a burst', async () => {
    const { team, one, other, known } = await pair();
    one.replyWith(burst429());
    expect(await served(team)).toBe(other.id);
    expect(verdictOf(await known()).verdict).toBe('allow');
  });

  it('is one whose meter of another model is spent', async () => {
    const { one, known, probe } = await pair();
    const spent = { used_percent: 100, limit_window_seconds: 18_000, reset_at: inSeconds(2 * HOUR_S) };
    one.usageReply = json(200, {
      plan_type: 'pro',
      rate_limit: { primary_window: { ...spent, used_percent: 1 } },
      additional_rate_limits: [
        {
          limit_name: 'GPT-5.3-Codex-Spark',
          metered_feature: 'codex_bengalfox',
          rate_limit: { primary_window: spent },
        },
      ],
    });
    await probe();
    // A meter counts for a model by its name, which is told with its use.
    expect(verdictOf(await known(), 'gpt-5.5').verdict).toBe('allow');
    expect(verdictOf(await known(), 'gpt-5.3-codex-spark').verdict).toBe('block');
  });
});

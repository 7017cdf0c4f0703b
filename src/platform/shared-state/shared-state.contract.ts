import { randomUUID } from 'node:crypto';
import { describeBounds } from './bounds.contract.js';
import { describeBroadcasts } from './broadcasts.contract.js';
import { describeCounters } from './counters.contract.js';
import { describeFairLeases } from './fair-leases.contract.js';
import { describeLeases } from './leases.contract.js';
import type { SharedStateUnderTest } from './under-test.contract.js';

const SOON_MS = 40;
const LATER_MS = 60_000;
/** A refill that does not show while a test runs. */
const HARDLY = 1e-9;

const twenty = <T>(call: (n: number) => Promise<T>) => Promise.all(Array.from({ length: 20 }, (_, n) => call(n)));

interface Exceptions {
  /** The nodes of the cluster that is written in JavaScript do not pass on what is published, as real ones do. */
  readonly broadcasts?: false;
}

/** What every adapter of `SharedState` keeps. `use` is called while tests are being defined and may add hooks. */
export function describeSharedState(name: string, use: () => SharedStateUnderTest, except: Exceptions = {}): void {
  describe(`shared state in ${name}`, () => {
    const under = use();
    describeBuckets(under);
    describeLeases(under);
    describeFairLeases(under);
    describeValues(under);
    describeClaims(under);
    describeCounters(under);
    if (except.broadcasts !== false) describeBroadcasts(under);
    describeBounds(under);
  });
}

function describeBuckets({ state, until }: SharedStateUnderTest): void {
  it('gives a full bucket at first and then nothing until it refills', async () => {
    const key = randomUUID();
    const taken = [await state().take(key, 2, HARDLY), await state().take(key, 2, HARDLY)];
    expect(taken).toEqual([
      { ok: true, retryAfterMs: 0 },
      { ok: true, retryAfterMs: 0 },
    ]);
    expect((await state().take(key, 2, HARDLY)).ok).toBe(false);
  });

  it('says how long the tokens that are missing take to come', async () => {
    const key = randomUUID();
    await state().take(key, 10, 0.001, 8);
    const { ok, retryAfterMs } = await state().take(key, 10, 0.001, 5);
    expect(ok).toBe(false);
    expect(retryAfterMs).toBeGreaterThan(2_000);
    expect(retryAfterMs).toBeLessThanOrEqual(3_000);
  });

  it('refills with time, up to its capacity', async () => {
    const key = randomUUID();
    await state().take(key, 2, 0.02, 2);
    await until(async () => (await state().take(key, 2, 0.02, 2)).ok);
    expect((await state().take(key, 2, HARDLY, 2)).ok).toBe(false);
  });

  it('takes all of the cost or nothing', async () => {
    const key = randomUUID();
    await state().take(key, 3, HARDLY, 2);
    expect((await state().take(key, 3, HARDLY, 2)).ok).toBe(false);
    expect((await state().take(key, 3, HARDLY, 1)).ok).toBe(true);
  });

  it('never gives more than the bucket holds to takers that come at once', async () => {
    const key = randomUUID();
    const taken = await twenty(() => state().take(key, 7, HARDLY));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(7);
  });

  it('keeps fractions of a token', async () => {
    const key = randomUUID();
    const taken = [0.3, 0.3, 0.3, 0.3].map((cost) => state().take(key, 1, HARDLY, cost));
    expect((await Promise.all(taken)).map(({ ok }) => ok)).toEqual([true, true, true, false]);
  });
}

function describeValues({ state, until }: SharedStateUnderTest): void {
  it('lets one of many proposals win and tells all', async () => {
    const key = randomUUID();
    const winners = await twenty((n) => state().sticky(key, `proposal ${n}`, LATER_MS));
    expect(new Set(winners).size).toBe(1);
    expect(winners[0]).toMatch(/^proposal \d+$/);
    expect(await state().get(key)).toBe(winners[0]);
  });

  it('does not move the end of a winner with later proposals', async () => {
    const key = randomUUID();
    await state().sticky(key, 'first', SOON_MS);
    await until(async () => (await state().sticky(key, 'second', LATER_MS)) === 'second');
    expect(await state().get(key)).toBe('second');
  });

  it('replaces a value and its end', async () => {
    const key = randomUUID();
    const other = randomUUID();
    await state().put(key, 'short', SOON_MS);
    await state().put(other, 'x', SOON_MS);
    await state().put(key, 'long', LATER_MS);
    await until(async () => (await state().get(other)) === undefined);
    expect(await state().get(key)).toBe('long');
    expect(await state().sticky(key, 'late', LATER_MS)).toBe('long');
  });

  it('knows nothing of a key that was dropped or never put', async () => {
    const key = randomUUID();
    expect(await state().get(key)).toBeUndefined();
    await state().put(key, 'value', LATER_MS);
    await state().drop(key);
    expect(await state().get(key)).toBeUndefined();
  });

  it.each(['', 'ä {b} c:d}{', 'x'.repeat(100_000)])('keeps any text as it is (%#)', async (text) => {
    const key = randomUUID();
    await state().put(key, text, LATER_MS);
    expect(await state().get(key)).toBe(text);
  });

  it('takes any text as a key and keeps kinds apart', async () => {
    const key = `${randomUUID()} {ä}: }{`;
    await state().put(key, 'value', LATER_MS);
    await state().take(key, 1, HARDLY);
    await state().acquireAll([{ key, limit: 1 }], 'token', LATER_MS);
    expect(await state().claim(key, LATER_MS)).toBe(true);
    expect(await state().get(key)).toBe('value');
    expect((await state().take(key, 1, HARDLY)).ok).toBe(false);
    expect(await state().held([key])).toEqual([1]);
    expect(await state().claim(key, LATER_MS)).toBe(false);
  });
}

function describeClaims({ state, until }: SharedStateUnderTest): void {
  it('lets one of many claim', async () => {
    const key = randomUUID();
    const claims = await twenty(() => state().claim(key, LATER_MS));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('lets the next one claim when the time is over', async () => {
    const key = randomUUID();
    expect(await state().claim(key, SOON_MS)).toBe(true);
    await until(() => state().claim(key, LATER_MS));
    expect(await state().claim(key, LATER_MS)).toBe(false);
  });
}

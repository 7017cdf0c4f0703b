import { randomUUID } from 'node:crypto';
import { MemorySharedState, SharedStateUnavailable, type SharedState } from '../../platform/shared-state/index.js';
import { settled } from '../../../test/support/admission.js';
import { LeaseHolder } from './lease-holder.service.js';

const PLACE = [{ key: 'k', limit: 2, part: 'p' }];
const SECOND_MS = 1_000;

/** A process that was killed: it renews nothing and releases nothing. */
class KilledHolder extends LeaseHolder {
  protected override readonly renewMs = 1e9;
}

/** A store that can go away, with or without what it held, and that may have done what it did not answer. */
class Unreliable extends MemorySharedState {
  override readonly reach = 'cluster' as unknown as 'process';
  away = false;
  mute = false;

  override acquireAll(...args: Parameters<SharedState['acquireAll']>) {
    return this.unlessAway(() => super.acquireAll(...args));
  }
  override renewAll(...args: Parameters<SharedState['renewAll']>) {
    return this.unlessAway(() => super.renewAll(...args));
  }
  override releaseAll(...args: Parameters<SharedState['releaseAll']>) {
    return this.unlessAway(() => super.releaseAll(...args));
  }
  override held(...args: Parameters<SharedState['held']>) {
    return this.unlessAway(() => super.held(...args));
  }

  private async unlessAway<T>(call: () => Promise<T>): Promise<T> {
    if (this.away) throw new SharedStateUnavailable(new Error('away'));
    const answer = await call();
    if (this.mute) throw new SharedStateUnavailable(new Error('no answer'));
    return answer;
  }
}

describe('LeaseHolder', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  const store = () => new Unreliable(() => performance.now());
  const take = (holder: LeaseHolder) => holder.take(PLACE, randomUUID());
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * SECOND_MS);

  it('keeps a lease as long as its process lives', async () => {
    const shared = store();
    const lease = await take(new LeaseHolder(shared));
    await pass(600);
    expect(await shared.held(['k', 'p'])).toEqual([1, 1]);
    lease?.release();
    expect(await shared.held(['k', 'p'])).toEqual([0, 0]);
  });

  it('gives up the leases of a killed process within 45 s, and no sooner', async () => {
    const shared = store();
    const other = new LeaseHolder(shared);
    const killed = new KilledHolder(shared);
    await Promise.all([take(killed), take(killed)]);
    await pass(44);
    expect(await take(other)).toBeUndefined();
    await pass(1);
    expect(await take(other)).toBeDefined();
  });

  it('releases once, however often it is told to, and tells who waits', async () => {
    const shared = store();
    const holder = new LeaseHolder(shared);
    const freed = jest.fn();
    holder.onFreed(freed);
    const [first] = [await take(holder), await take(holder)];
    first?.release();
    first?.release();
    expect([await shared.held(['k']), holder.own('k'), freed.mock.calls.length]).toEqual([[1], 1, 1]);
  });

  it('renews all leases in one call', async () => {
    const shared = store();
    const renewals = jest.spyOn(shared, 'renewAll');
    const holder = new LeaseHolder(shared);
    await Promise.all([take(holder), holder.take([{ key: 'other' }], 'token')]);
    await pass(15);
    expect(renewals.mock.calls.map(([leases]) => leases.length)).toEqual([2]);
  });

  it('counts its calls again after the store has lost everything, as soon as somebody counts', async () => {
    const shared = store();
    const holder = new LeaseHolder(shared);
    await Promise.all([take(holder), take(holder)]);
    for (const { keys, token } of await heldIn(holder)) await shared.releaseAll(keys, token);
    expect(await shared.held(['k'])).toEqual([0]);
    expect(await holder.counts(['k', 'p'])).toEqual([2, 2]);
    await settled();
    expect(await shared.held(['k', 'p'])).toEqual([2, 2]);
  });

  it('counts them again by itself, and over the limit where others came meanwhile', async () => {
    const shared = store();
    const [holder, other] = [new LeaseHolder(shared), new LeaseHolder(shared)];
    await Promise.all([take(holder), take(holder)]);
    for (const { keys, token } of await heldIn(holder)) await shared.releaseAll(keys, token);
    await take(other);
    await pass(15);
    expect(await shared.held(['k'])).toEqual([3]);
  });

  describe('while the store is away', () => {
    it('keeps the limits among its own calls, those that it had let in before included', async () => {
      const shared = store();
      const holder = new LeaseHolder(shared);
      const first = await take(holder);
      shared.away = true;
      expect([await take(holder), await take(holder)]).toEqual([expect.anything(), undefined]);
      first?.release();
      expect(await take(holder)).toBeDefined();
      await pass(600);
      expect([await take(holder), await holder.counts(['k'])]).toEqual([undefined, [2]]);
    });

    it('does not ask it for every call', async () => {
      const shared = store();
      const holder = new LeaseHolder(shared);
      const asked = jest.spyOn(shared, 'acquireAll');
      shared.away = true;
      for (let n = 0; n < 10; n += 1) await take(holder);
      expect(asked).toHaveBeenCalledTimes(1);
    });

    it('moves what it took over when the store is back, and gives back what it owes', async () => {
      const shared = store();
      const holder = new LeaseHolder(shared);
      const freed = jest.fn();
      const before = await take(holder);
      shared.away = true;
      const meanwhile = await take(holder);
      before?.release();
      holder.onFreed(freed);
      await pass(2);
      expect(freed).not.toHaveBeenCalled();
      shared.away = false;
      await pass(2);
      expect([await shared.held(['k', 'p']), freed.mock.calls.length]).toEqual([[1, 1], 1]);
      meanwhile?.release();
      expect(await shared.held(['k', 'p'])).toEqual([0, 0]);
    });

    it('leaves nothing behind of a call that the store let in without saying so', async () => {
      const shared = store();
      const holder = new LeaseHolder(shared);
      shared.mute = true;
      const lease = await take(holder);
      lease?.release();
      expect(await shared.held(['k']).catch(() => 'unavailable')).toBe('unavailable');
      shared.mute = false;
      expect(await shared.held(['k'])).toEqual([1]);
      await pass(2);
      expect(await shared.held(['k'])).toEqual([0]);
    });
  });

  it('lets go of everything when the process ends', async () => {
    const shared = store();
    const holder = new LeaseHolder(shared);
    const lease = await take(holder);
    await holder.onApplicationShutdown();
    expect(await shared.held(['k', 'p'])).toEqual([0, 0]);
    lease?.release();
    expect(jest.getTimerCount()).toBe(0);
  });
});

/** What a holder would renew. */
async function heldIn(holder: LeaseHolder): Promise<{ keys: readonly string[]; token: string }[]> {
  const { leases } = holder as unknown as { leases: Map<string, { keys: readonly string[]; token: string }> };
  return [...leases.values()];
}

import type { AccountId } from '../../core/index.js';
import { MemorySharedState } from '../../platform/shared-state/index.js';
import { anAccount } from '../../../test/support/account-snapshots.js';
import { A_TURN, aCaller, anAdmission, settled, type AdmissionOptions } from '../../../test/support/admission.js';
import { withOpenCounts } from './open-counts.js';

const BUSY = { code: 'server_is_overloaded', status: 503 };
/** Of whoever does not leave by itself. */
let client = new AbortController();
const [ONE, TWO] = [anAccount('one', { maxConcurrent: 1 }), anAccount('two', { maxConcurrent: 1 })];
const IDS = ['one', 'two'] as AccountId[];

function useAccounts(options: AdmissionOptions = {}) {
  const gate = anAdmission(options);
  const seen: string[] = [];
  const enter = (key: string) => gate.admission.enter(A_TURN, aCaller(key), client.signal);
  return {
    ...gate,
    seen,
    enter,
    /** A call that goes on to an account once it has found one. */
    waits: async (name: string, accounts = [ONE], signal = client.signal, untilMs?: number) => {
      const admitted = await enter(name.charAt(0));
      const waiting = gate.accounts.waitForRoom(admitted, accounts, signal, untilMs);
      waiting.then(
        () => seen.push(name),
        (thrown: unknown) => seen.push(`${name}: ${(thrown as Error).message}`),
      );
      return admitted;
    },
  };
}

describe('AccountLeases', () => {
  beforeEach(() => void (client = new AbortController()));
  afterEach(() => client.abort(new Error('The test is over.')));

  it('gives as many places on an account as it may serve calls, and counts them', async () => {
    const { accounts, enter } = useAccounts();
    const call = await enter('a');
    const lease = await accounts.take(ONE, call);
    expect([lease, await accounts.take(ONE, call)]).toEqual([expect.anything(), undefined]);
    expect(accounts.counts(IDS)).toEqual(new Map(IDS.map((id) => [id, id === 'one' ? 1 : 0])));
    lease?.release();
    lease?.release();
    expect(await accounts.take(ONE, call)).toBeDefined();
  });

  it('wakes a call that waits as soon as a place is free, and keeps the place for it', async () => {
    const { accounts, enter, waits, seen } = useAccounts();
    const lease = await accounts.take(ONE, await enter('a'));
    const waiting = await waits('b');
    await settled();
    expect(seen).toEqual([]);
    lease?.release();
    await settled();
    expect([seen, await accounts.take(ONE, await enter('c'))]).toEqual([['b'], undefined]);
    expect(accounts.counts(IDS).get(ONE.id)).toBe(1);
    expect(accounts.counts(IDS, waiting).get(ONE.id)).toBe(0);
    expect(await accounts.take(ONE, waiting)).toBeDefined();
    expect(accounts.counts(IDS, waiting).get(ONE.id)).toBe(1);
  });

  it('gives the kept place to others once its call has found another account, or is over', async () => {
    const { accounts, enter, waits, shared } = useAccounts();
    const lease = await accounts.take(ONE, await enter('a'));
    const [first, second] = [await waits('b'), await waits('c')];
    await settled();
    lease?.release();
    await settled();
    await accounts.take(TWO, first);
    await settled();
    expect(accounts.counts(IDS, second).get(ONE.id)).toBe(0);
    second.release();
    expect(await shared.held(['account:one', 'account:two'])).toEqual([0, 1]);
    expect(await accounts.take(ONE, await enter('d'))).toBeDefined();
  });

  it('serves the key with the fewest calls on accounts first', async () => {
    const { accounts, enter, waits, seen } = useAccounts();
    const call = await enter('a');
    const [one] = [await accounts.take(ONE, call), await accounts.take(TWO, await enter('a'))];
    await waits('a1', [ONE, TWO]);
    await waits('a2', [ONE, TWO]);
    await waits('b1', [TWO, ONE]);
    one?.release();
    await settled();
    expect(seen).toEqual(['b1']);
  });

  it('serves a call that waits for the free one of many accounts, before a new one of a key that holds as much', async () => {
    const { accounts, enter, waits, seen } = useAccounts();
    const many = Array.from({ length: 10 }, (_, n) => anAccount(`n${n}`, { maxConcurrent: 1 }));
    const leases = [];
    for (const account of many) leases.push(await accounts.take(account, await enter('a')));
    await waits('b', many);
    await settled();
    leases[7]?.release();
    await settled();
    expect(seen).toEqual(['b']);
  });

  it('lets a call go on at the time when something else may have changed, a little later than that', async () => {
    jest.useFakeTimers();
    const { waits, seen } = useAccounts();
    const startMs = Date.now();
    await waits('a', [], client.signal, startMs + 3_000);
    await jest.advanceTimersByTimeAsync(3_009);
    expect(seen).toEqual([]);
    await jest.advanceTimersByTimeAsync(91);
    expect(seen).toEqual(['a']);
    jest.useRealTimers();
  });

  it('lets no call wait longer than it may in all, however often it waits', async () => {
    jest.useFakeTimers();
    const { accounts, enter, waits, seen } = useAccounts({ queueWaitMs: 10_000 });
    await accounts.take(ONE, await enter('a'));
    const startMs = Date.now();
    const call = await waits('b', [ONE], client.signal, startMs + 6_000);
    await jest.advanceTimersByTimeAsync(6_100);
    const again = accounts.waitForRoom(call, [ONE], client.signal, startMs + 60_000);
    again.catch((thrown: unknown) => seen.push((thrown as Error).message));
    await jest.advanceTimersByTimeAsync(3_900);
    expect(seen).toEqual(['b', 'gateway is busy, try again']);
    await expect(accounts.waitForRoom(call, [ONE], client.signal)).rejects.toMatchObject(BUSY);
    jest.useRealTimers();
  });

  it('counts who waits for an account in the queue', async () => {
    const { accounts, enter, waits } = useAccounts({ queueSize: 1 });
    await accounts.take(ONE, await enter('a'));
    await waits('b');
    await expect(accounts.waitForRoom(await enter('c'), [ONE], client.signal)).rejects.toMatchObject(BUSY);
  });

  it('forgets a call that leaves while it waits', async () => {
    const { accounts, enter, waits, seen, shared } = useAccounts();
    const lease = await accounts.take(ONE, await enter('a'));
    const leaving = new AbortController();
    await waits('b', [ONE], leaving.signal);
    await waits('c');
    await settled();
    leaving.abort(new Error('left'));
    lease?.release();
    await settled();
    expect(seen).toEqual(['b: left', 'c']);
    expect(await shared.held(['account:one'])).toEqual([1]);
  });

  it('knows what other processes serve a quarter of a second later, and forgets it when nobody asks', async () => {
    jest.useFakeTimers();
    class Cluster extends MemorySharedState {
      override readonly reach = 'cluster' as unknown as 'process';
    }
    const shared = new Cluster(() => performance.now());
    const [here, there] = [useAccounts({ shared }), useAccounts({ shared })];
    const asked = jest.spyOn(shared, 'held');
    const counted = () => here.accounts.counts(IDS).get(ONE.id);
    await there.accounts.take(ONE, await there.enter('a'));
    expect(counted()).toBe(0);
    await jest.advanceTimersByTimeAsync(0);
    expect([counted(), counted()]).toEqual([1, 1]);
    await jest.advanceTimersByTimeAsync(249);
    expect(asked).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(asked).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(1_001);
    expect([counted(), asked.mock.calls.length]).toEqual([0, 2]);
    jest.useRealTimers();
  });

  it('asks nobody where there is nobody else', () => {
    const { accounts, shared } = useAccounts();
    const asked = jest.spyOn(shared, 'held');
    accounts.counts(IDS);
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('withOpenCounts', () => {
  it('says of every account how many calls it serves, of one that nobody counted what the snapshot says', () => {
    const accounts = withOpenCounts([ONE, { ...TWO, openExchanges: 7 }], new Map([[ONE.id, 3]]));
    expect(accounts).toEqual([
      { ...ONE, openExchanges: 3 },
      { ...TWO, openExchanges: 7 },
    ]);
  });
});

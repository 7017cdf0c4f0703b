import { GatewayError } from '../../core/index.js';
import { A_TURN, aCaller, anAdmission, settled, type AdmissionOptions } from '../../../test/support/admission.js';
import type { IncomingCall, IncomingCaller } from './places.js';

const BUSY = { code: 'server_is_overloaded', status: 503, message: 'gateway is busy, try again' };

const clients = new Set<AbortController>();

/** Calls by name, and what became of them, in that order. */
function useGate(options: AdmissionOptions = {}) {
  const gate = anAdmission(options);
  const seen: string[] = [];
  const enter = (name: string, caller: IncomingCaller, call: IncomingCall = A_TURN) => {
    const client = new AbortController();
    clients.add(client);
    const admitted = gate.admission.enter(call, caller, client.signal);
    admitted.then(
      () => seen.push(name),
      (thrown: unknown) => seen.push(`${name}: ${GatewayError.from(thrown).code}`),
    );
    return { admitted, leave: () => client.abort(new GatewayError('client_disconnected', 'The client left.')) };
  };
  return { ...gate, seen, enter };
}

describe('AdmissionService', () => {
  afterEach(() => {
    for (const client of clients) client.abort(new Error('The test is over.'));
    clients.clear();
  });

  it('lets calls in at once while there is room, and counts each until it is over', async () => {
    const { admission, shared } = useGate();
    const first = await admission.enter(A_TURN, aCaller('a'), new AbortController().signal);
    await admission.enter(A_TURN, aCaller('a'), new AbortController().signal);
    expect(await shared.held(['class:stream'])).toEqual([2]);
    first.release();
    first.release();
    expect(await shared.held(['class:stream'])).toEqual([1]);
  });

  it.each([
    ['of its key', aCaller('a', { maxConcurrent: 1 }), aCaller('b'), {}],
    ['of its Pool', aCaller('a', { poolLimit: 1 }), aCaller('b', { pool: 'other', poolLimit: 1 }), {}],
  ])('lets a call wait for a place %s, and no other', async (_, caller, other) => {
    const { enter, seen } = useGate();
    const { admitted } = enter('first', caller);
    enter('second', caller);
    enter('other', other);
    await settled();
    expect(seen).toEqual(['first', 'other']);
    (await admitted).release();
    await settled();
    expect(seen).toEqual(['first', 'other', 'second']);
  });

  it('lets a call wait for a place of its class of routes, and no other', async () => {
    const { enter, seen } = useGate({ limits: { websocket: 1 } });
    const turn: IncomingCall = { operation: 'responses', transport: 'websocket' };
    const { admitted } = enter('first', aCaller('a'), turn);
    enter('second', aCaller('b', { pool: 'other' }), turn);
    enter('over HTTP', aCaller('a'));
    await settled();
    expect(seen).toEqual(['first', 'over HTTP']);
    (await admitted).release();
    await settled();
    expect(seen).toEqual(['first', 'over HTTP', 'second']);
  });

  it('takes no place anywhere for a call that waits', async () => {
    const { enter, shared } = useGate({ limits: { stream: 1 } });
    enter('first', aCaller('a', { poolLimit: 9, maxConcurrent: 9 }));
    enter('second', aCaller('b', { poolLimit: 9, maxConcurrent: 9 }));
    await settled();
    expect(await shared.held(['key:a', 'key:b', 'pool:pool', 'class:stream'])).toEqual([1, 0, 1, 1]);
  });

  it('refuses as busy who waited too long, and who finds the queue full', async () => {
    jest.useFakeTimers();
    const { enter, seen } = useGate({ limits: { stream: 1 }, queueSize: 1, queueWaitMs: 10_000 });
    enter('first', aCaller('a'));
    await jest.advanceTimersByTimeAsync(0);
    const late = enter('late', aCaller('b'));
    await jest.advanceTimersByTimeAsync(5_000);
    const tooMany = enter('too many', aCaller('c'));
    await expect(tooMany.admitted).rejects.toMatchObject(BUSY);
    await jest.advanceTimersByTimeAsync(4_999);
    expect(seen).toEqual(['first', 'too many: server_is_overloaded']);
    await jest.advanceTimersByTimeAsync(1);
    await expect(late.admitted).rejects.toMatchObject(BUSY);
    jest.useRealTimers();
  });

  it('lets nobody wait when there is no queue', async () => {
    const { enter } = useGate({ limits: { stream: 1 }, queueSize: 0 });
    await enter('first', aCaller('a')).admitted;
    await expect(enter('second', aCaller('b')).admitted).rejects.toMatchObject(BUSY);
  });

  it('forgets who leaves, whether it waits, has a place on its way, or comes too late', async () => {
    const { enter, seen, shared, admission } = useGate({ limits: { stream: 1 } });
    const first = enter('first', aCaller('a'));
    const waits = enter('waits', aCaller('b'));
    enter('next', aCaller('b'));
    await settled();
    waits.leave();
    await settled();
    (await first.admitted).release();
    await settled();
    expect(seen).toEqual(['first', 'waits: client_disconnected', 'next']);
    await expect(admission.enter(A_TURN, aCaller('a'), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    const other = useGate();
    const onItsWay = other.enter('on its way', aCaller('a'));
    onItsWay.leave();
    await settled();
    expect(other.seen).toEqual(['on its way: client_disconnected']);
    expect(await other.shared.held(['class:stream'])).toEqual([0]);
    expect(await shared.held(['class:stream'])).toEqual([1]);
  });

  it('gives the next free place to the single call of one key before the hundred of another', async () => {
    const { enter, seen } = useGate({ limits: { stream: 10 } });
    const running = Array.from({ length: 10 }, (_, n) => enter(`a${n}`, aCaller('a')));
    for (let n = 10; n < 110; n += 1) enter(`a${n}`, aCaller('a'));
    enter('b0', aCaller('b'));
    await settled();
    (await running[0]?.admitted)?.release();
    await settled();
    expect(seen.slice(10)).toEqual(['b0']);
    (await running[1]?.admitted)?.release();
    await settled();
    expect(seen.slice(10)).toEqual(['b0', 'a10']);
  });

  it('lets keys take turns where there is but one place', async () => {
    const { enter, seen } = useGate({ limits: { stream: 1 } });
    const calls = ['a0', 'a1', 'a2', 'b0', 'b1', 'c0'].map((name) => enter(name, aCaller(name.charAt(0))));
    await settled();
    for (let n = 0; n < 6; n += 1) {
      const running = calls.find((_, at) => ['a0', 'a1', 'a2', 'b0', 'b1', 'c0'][at] === seen[n]);
      (await running?.admitted)?.release();
      await settled();
    }
    expect(seen).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  });

  it('shares the places evenly among the keys that wait, each in the order of its calls', async () => {
    const { enter, seen } = useGate({ limits: { stream: 4 } });
    const running = ['a0', 'a1', 'a2', 'a3'].map((name) => enter(name, aCaller('a')));
    for (const name of ['a4', 'a5', 'b0', 'b1', 'b2', 'c0', 'c1']) enter(name, aCaller(name.charAt(0)));
    await settled();
    for (const { admitted } of running) {
      (await admitted).release();
      await settled();
    }
    expect(seen.slice(4)).toEqual(['b0', 'c0', 'b1', 'a4']);
  });

  it('gives a new call no place before those that wait and whose key holds as little', async () => {
    const { enter, seen } = useGate({ limits: { stream: 1 } });
    const { admitted } = enter('first', aCaller('a'));
    enter('waits', aCaller('b'));
    await settled();
    (await admitted).release();
    enter('new', aCaller('c'));
    await settled();
    expect(seen).toEqual(['first', 'waits']);
  });

  it('makes room in a full queue for the key that has less in it', async () => {
    const { enter, seen } = useGate({ limits: { stream: 1 }, queueSize: 3 });
    enter('a0', aCaller('a'));
    await settled();
    for (const name of ['a1', 'a2', 'a3', 'b0', 'b1']) enter(name, aCaller(name.charAt(0)));
    await settled();
    expect(seen).toEqual(['a0', 'a3: server_is_overloaded', 'b1: server_is_overloaded']);
  });
});

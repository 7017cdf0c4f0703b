import { JobProducer } from './job-producer.js';
import { JobSchedules } from './job-schedules.js';
import { QUEUES } from './names.js';
import { OpenQueues } from './open-queues.js';
import type { OpenQueue, QueueStore } from './queue-store.js';

const never = () => new Promise<never>(() => undefined);
const throwAtOnce = (): never => {
  throw new TypeError('circular');
};
const refuse = () => Promise.reject(new Error('refused'));

/** A queue of which a test replaces what matters to it. */
const queue = (given: Partial<OpenQueue> = {}): OpenQueue => ({
  add: () => Promise.resolve(),
  upsertJobScheduler: () => Promise.resolve(),
  getJobSchedulers: () => Promise.resolve([]),
  removeJobScheduler: () => Promise.resolve(),
  getJobCounts: () => Promise.resolve({}),
  getWaiting: () => Promise.resolve([]),
  waitUntilReady: () => Promise.resolve(),
  close: () => Promise.resolve(),
  on: () => undefined,
  ...given,
});

/** Opens the given queues, one after the other. */
function queuesOf(...opened: OpenQueue[]) {
  const store: QueueStore = {
    openQueue: () => opened.shift() ?? queue(),
    openWorker: () => {
      throw new Error('There are no workers here.');
    },
    onReady: () => undefined,
    isAway: () => false,
    close: () => Promise.resolve(),
  };
  return new OpenQueues(store);
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('JobProducer', () => {
  const addTo = (given: OpenQueue) => new JobProducer(queuesOf(given)).add(QUEUES.settlement, 'settle', {});

  it('says that a job was handed over', async () => {
    expect(await addTo(queue())).toBe(true);
  });

  it.each([
    ['refuses it', queue({ add: refuse })],
    ['refuses it in the same turn', queue({ add: throwAtOnce })],
    ['does not connect', queue({ waitUntilReady: refuse })],
  ])('says that a job was not handed over when the queue %s', async (_, given) => {
    expect(await addTo(given)).toBe(false);
  });

  it.each([
    ['takes it', queue({ add: never })],
    ['connects', queue({ waitUntilReady: never })],
  ])('does not wait longer than 250 ms until the queue %s', async (_, given) => {
    const ended: boolean[] = [];
    void addTo(given).then((handed) => ended.push(handed));
    await jest.advanceTimersByTimeAsync(249);
    expect(ended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(ended).toEqual([false]);
  });

  it('does not hand over later what it has given up before the queue was connected', async () => {
    let connect: () => void = () => undefined;
    const add = jest.fn(() => Promise.resolve());
    const late = queue({ waitUntilReady: () => new Promise<void>((ready) => (connect = ready)), add });
    const handed = addTo(late);
    await jest.advanceTimersByTimeAsync(250);
    connect();
    expect(await handed).toBe(false);
    expect(add).not.toHaveBeenCalled();
  });

  it('opens a new queue after one that could not make its first connection', async () => {
    const closed = jest.fn(() => Promise.resolve());
    const producer = new JobProducer(queuesOf(queue({ waitUntilReady: refuse, close: closed }), queue()));
    expect(await producer.add(QUEUES.settlement, 'settle', {})).toBe(false);
    expect(await producer.add(QUEUES.settlement, 'settle', {})).toBe(true);
    expect(closed).toHaveBeenCalledTimes(1);
  });
});

describe('JobSchedules', () => {
  const job = { name: 'sweep', everyMs: 60_000 };

  it('tries until the schedule is stored, and then no more', async () => {
    const upsertJobScheduler = jest.fn().mockImplementationOnce(refuse).mockImplementationOnce(never);
    upsertJobScheduler.mockResolvedValue(undefined);
    const getJobSchedulers = () => Promise.resolve([{ key: 'sweep', name: 'sweep' }]);
    const schedules = new JobSchedules(queuesOf(queue({ upsertJobScheduler, getJobSchedulers })));
    expect(await schedules.every(QUEUES.maintenance, job)).toBe(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(upsertJobScheduler).toHaveBeenCalledTimes(3);
    expect(upsertJobScheduler).toHaveBeenLastCalledWith(
      'sweep',
      { every: 60_000 },
      { name: 'sweep', data: {}, opts: { attempts: 1 } },
    );
  });

  it('stops trying when the process ends', async () => {
    const upsertJobScheduler = jest.fn(refuse);
    const schedules = new JobSchedules(queuesOf(queue({ upsertJobScheduler })));
    await schedules.every(QUEUES.maintenance, job);
    schedules.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(upsertJobScheduler).toHaveBeenCalledTimes(1);
  });
});

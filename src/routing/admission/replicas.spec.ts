import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { SharedState, SharedStateModule } from '../../platform/shared-state/index.js';
import { anAccount } from '../../../test/support/account-snapshots.js';
import { A_TURN, aCaller, anAdmission, settled, type AdmissionOptions } from '../../../test/support/admission.js';
import { eventually } from '../../../test/support/eventually.js';
import { useRedis } from '../../../test/support/redis.js';
import type { Admitted } from './admitted.js';
import { LeaseHolder } from './lease-holder.service.js';

const SIGNAL = new AbortController().signal;
const LONG_MS = 60_000;

/** A process that was killed, and whose leases do not take long to end. */
class KilledHolder extends LeaseHolder {
  protected override readonly leaseMs = 300;
  protected override readonly renewMs = 1e9;
}

describe('admission of several processes', () => {
  const redis = useRedis();
  const open: (() => Promise<void>)[] = [];
  const clients: AbortController[] = [];
  beforeEach(() => redis.flush());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.abort(new Error('The test is over.'));
    await Promise.all(open.splice(0).map((end) => end()));
  });

  const replica = async (
    options: AdmissionOptions & { readonly holderOf?: (shared: SharedState) => LeaseHolder } = {},
  ) => {
    const app = await NestFactory.createApplicationContext(SharedStateModule.forRoot({ REDIS_URL: redis.url() }), {
      logger: false,
    });
    const shared = app.get(SharedState);
    const holder = options.holderOf?.(shared) ?? new LeaseHolder(shared);
    const gate = anAdmission({ queueWaitMs: LONG_MS, ...options, shared, holder });
    open.push(async () => {
      await holder.onApplicationShutdown();
      await app.close();
    });
    const enter = (key: string) => {
      const client = new AbortController();
      clients.push(client);
      return gate.admission.enter(A_TURN, aCaller(key), client.signal);
    };
    return { ...gate, shared, enter };
  };
  const two = async (options: AdmissionOptions) => [await replica(options), await replica(options)] as const;

  it('never runs more calls at once than the limit, serves them all and forgets them', async () => {
    const replicas = await two({ limits: { stream: 5 } });
    let [running, most] = [0, 0];
    const run = async (n: number) => {
      const admitted = await replicas[n % 2 === 0 ? 0 : 1].enter(`key ${n % 3}`);
      most = Math.max(most, (running += 1));
      await settled();
      running -= 1;
      admitted.release();
    };
    await Promise.all(Array.from({ length: 60 }, (_, n) => run(n)));
    expect([most, await replicas[0].shared.held(['class:stream'])]).toEqual([5, [0]]);
  });

  it('keeps the next free place for a key of another process that holds less', async () => {
    const [hog, other] = await two({ limits: { stream: 2 } });
    const running = [await hog.enter('many'), await hog.enter('many')];
    const served: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      hog.enter('many').then(
        () => served.push('many'),
        () => undefined,
      );
    }
    const few = other.enter('few').then((admitted) => {
      served.push('few');
      return admitted;
    });
    await whileWaiting(redis.url(), 2);
    running[0]?.release();
    (await few).release();
    await eventually(() => expect(served.slice(0, 2)).toEqual(['few', 'many']));
  });

  it('keeps a place on an account for a key of another process that holds less', async () => {
    const account = anAccount('one', { maxConcurrent: 2 });
    const [hog, other] = await two({});
    const leases = [await hog.accounts.take(account, await hog.enter('many'))];
    leases.push(await hog.accounts.take(account, await hog.enter('many')));
    const waiting = await other.enter('few');
    const room = other.accounts.waitForRoom(waiting, [account], SIGNAL);
    await whileWaiting(redis.url(), 1, 'account:one');
    leases[0]?.release();
    expect(await hog.accounts.take(account, await hog.enter('many'))).toBeUndefined();
    await room;
    expect(await other.accounts.take(account, waiting)).toBeDefined();
  });

  it('gives up the places of a killed process', async () => {
    const killed = await replica({ limits: { stream: 1 }, holderOf: (shared) => new KilledHolder(shared) });
    const other = await replica({ limits: { stream: 1 } });
    await killed.enter('a');
    expect(await other.enter('b')).toBeDefined();
  });

  it('goes on with the same limits in each process while Redis is gone, and with all of them counted after', async () => {
    const replicas = await two({ limits: { stream: 2 } });
    const before = await Promise.all(replicas.map(({ enter }) => enter('a')));
    await redis.stop();
    const meanwhile: Admitted[] = [];
    for (const { enter } of replicas) meanwhile.push(await enter('a'));
    const waits = replicas[0].enter('b');
    await settled();
    expect(replicas[0].holder.own('class:stream')).toBe(2);
    before[0]?.release();
    (await waits).release();
    await redis.start();
    await eventually(async () => expect(await replicas[1].shared.held(['class:stream'])).toEqual([3]));
    for (const admitted of [...before, ...meanwhile]) admitted.release();
    await eventually(async () => expect(await replicas[0].shared.held(['class:stream'])).toEqual([0]));
  });

  it('counts its calls again when Redis was flushed', async () => {
    const { enter, holder, shared } = await replica();
    await Promise.all([enter('a'), enter('b')]);
    await redis.flush();
    expect(await holder.counts(['class:stream'])).toEqual([2]);
    await eventually(async () => expect(await shared.held(['class:stream'])).toEqual([2]));
  });

  it('asks Redis once to let a call in, once for its account, and once to end each', async () => {
    const { accounts, enter, shared } = await replica();
    await accounts.take(anAccount('one'), await enter('warm'));
    const asked = ['acquireAll', 'releaseAll', 'renewAll', 'held'] as const;
    const calls = asked.map((name) => jest.spyOn(shared, name));
    const admitted = await enter('a');
    const lease = await accounts.take(anAccount('one'), admitted);
    lease?.release();
    admitted.release();
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([2, 2, 0, 0]);
  });
});

/** Until so many are known to wait for a place. */
async function whileWaiting(url: string, count: number, key = 'class:stream'): Promise<void> {
  const client = new Redis(url);
  await eventually(async () => {
    const fields = await client.hkeys(`codex-pooler:want:{leases}:${key}`);
    expect(fields.filter((field) => field.startsWith('w'))).toHaveLength(count);
  });
  client.disconnect();
}

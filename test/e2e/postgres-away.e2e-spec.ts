import { forTheBlock } from '../support/for-the-block.js';
import { OutageWorld, type Outage } from '../support/outage-world.js';
import { useOwnPostgres } from '../support/own-postgres.js';
import { useRedis } from '../support/redis.js';

/** They are away for 10 s of it, all at once. */
const AWAY_MS = 120_000;
jest.setTimeout(120_000);

const hangs = useOwnPostgres();
const stops = useOwnPostgres();
const alone = useOwnPostgres();
const redis = [useRedis(), useRedis()] as const;

const HANGS: Outage = { begin: async () => hangs.pause(), end: async () => hangs.resume() };
const STOPS: Outage = { begin: () => stops.stop(), end: () => stops.start() };
const ENDS: Outage = { begin: () => alone.stop(), end: () => alone.start() };

const worlds = [
  { name: 'hangs', world: new OutageWorld(hangs, HANGS, redis[0]) },
  { name: 'is stopped', world: new OutageWorld(stops, STOPS, redis[1]) },
  { name: 'is stopped, and the queues and shared state with it', world: new OutageWorld(alone, ENDS) },
];

forTheBlock(
  () => Promise.all(worlds.map(({ world }) => world.start())),
  () => Promise.all(worlds.map(({ world }) => world.stop())),
);

beforeAll(() => Promise.all(worlds.map(({ world }) => world.endure())), AWAY_MS);

describe.each(worlds)('gateways whose Postgres $name for 10 s under load', ({ world }) => {
  it('finish the streams that run, for their clients, while it is away and after it', () => {
    for (const read of world.streamed) {
      expect(read).toContain('response.completed');
      expect(read).not.toContain('response.failed');
    }
  });

  it('serve every new call or refuse it with an error of its dialect, and never hang', () => {
    expect(world.unexplained()).toEqual([]);
    expect(world.slowestMs()).toBeLessThan(10_000);
    expect(world.refused()).toBeGreaterThan(0);
  });

  it('let in no call of a key with a limit beyond it', () => {
    const { all, odd } = world.letIn();
    expect(all).toBeLessThanOrEqual(2);
    expect(odd).toEqual([]);
  });

  it('serve again once it is back', async () => {
    await world.servesAgain();
  });

  it('have the usage of every call in the ledger that they finished, once', async () => {
    await world.settlesAll();
  });

  it('take no process for dead that lives', async () => {
    expect(await world.takenForDead()).toEqual({ suspected: 0, lost: 0 });
  });

  it('have rollups and counters of limits that are what the ledger says', async () => {
    await world.addsUp();
  });
});

describe.each([
  { order: 'Redis after Postgres, and back after it', world: worlds[0]?.world, at: 0 },
  { order: 'Redis before Postgres, and back before it', world: worlds[1]?.world, at: 1 },
])('gateways that lose $order', ({ world, at }) => {
  it('settle the streams that ended meanwhile, with their usage, once', async () => {
    const [away] = redis.slice(at);
    if (world === undefined || away === undefined) throw new Error('There is no such world.');
    const other: Outage = { begin: () => away.stop(), end: () => away.start() };
    await (at === 0
      ? world.streamThrough([world.outage, other], [world.outage, other])
      : world.streamThrough([other, world.outage], [other, world.outage]));
    await world.settlesAll();
    await world.addsUp();
  });
});

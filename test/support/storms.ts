import { randomUUID } from 'node:crypto';
import type { PoolSettings } from '../../src/auth/index.js';
import { ask, useGateway, type TestGateway } from './gateway.js';
import { newPool, type TestPool } from './pools.js';
import { useRedis } from './redis.js';
import { paced, say, ScriptedUpstream, type RecordedRequest, type ScriptedAccount } from './scripted-upstream/index.js';
import { figuresOf, SteadyLoad, type LoadedCall } from './steady-load.js';

const REPLICAS = 2;
const SESSIONS = 20;

/** Which replica gets a call of a load. */
export const replicaOf = (number: number): number => Math.floor(number / 2) % REPLICAS;

/** Two gateways on one Redis, and Pools of ten accounts that are under load. Call it outside of a `describe`. */
export function useStorms(env: Readonly<Record<string, string>> = {}): Storms {
  const upstream = new ScriptedUpstream();
  upstream.script = () => paced(8, say('Hello', ' there'));
  const gateway = useGateway({ upstream, redis: useRedis(), replicas: REPLICAS, env });
  const storms = new Storms(gateway, upstream);
  afterAll(() => storms.stop());
  return storms;
}

class Storms {
  private readonly loads: SteadyLoad[] = [];

  constructor(
    readonly gateway: TestGateway,
    readonly upstream: ScriptedUpstream,
  ) {}

  aPool(settings: PoolSettings = {}): Promise<TestPool> {
    return newPool(this.gateway, this.upstream, Array<object>(10).fill({}), settings);
  }

  /** Calls to both replicas; every other one belongs to one of twenty sessions. */
  load(team: TestPool, perSecond: number): SteadyLoad {
    const sessions = Array.from({ length: SESSIONS }, () => randomUUID());
    const load = new SteadyLoad(perSecond, (number, id) => {
      const session = sessions[Math.floor(number / 2) % SESSIONS] ?? '';
      const headers = { 'x-client-request-id': id, ...(number % 2 === 0 ? { 'session-id': session } : {}) };
      return team.post(ask(), { headers, replica: replicaOf(number) });
    });
    this.loads.push(load);
    return load;
  }

  /** What an account was asked, whether or not its token was taken. Times in Unix milliseconds. */
  askedOf({ id }: ScriptedAccount, fromMs: number, untilMs = Infinity): RecordedRequest[] {
    return this.upstream.received.filter(
      (request) =>
        request.header('chatgpt-account-id') === id && request.receivedAtMs >= fromMs && request.receivedAtMs < untilMs,
    );
  }

  /** Those that were not asked since then. */
  silentOf(accounts: readonly ScriptedAccount[], sinceMs: number): string[] {
    return accounts.filter((account) => this.askedOf(account, sinceMs).length === 0).map(({ id }) => id);
  }

  /** What no storm may leave behind: nobody sits out, no circuit is open. */
  async expectHealth({ accounts, snapshot }: TestPool): Promise<void> {
    const nowMs = Date.now();
    const seen = (await snapshot()).map(({ status, coolingUntilMs, lanes }) => [status, coolingUntilMs > nowMs, lanes]);
    expect(seen).toEqual(accounts.map(() => ['active', false, []]));
  }

  /** In a long campaign. */
  tell(storm: string, calls: readonly LoadedCall[], more: object): void {
    if (process.env['DRILLS'] !== 'full') return;
    process.stdout.write(`${JSON.stringify({ storm, ...figuresOf(this.upstream, calls), ...more })}\n`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.loads.map((load) => load.stop()));
  }
}

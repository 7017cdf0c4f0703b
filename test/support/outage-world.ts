import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupVerification } from '../../src/accounting/index.js';
import { LimitStore } from '../../src/accounting/limits/limit-store.service.js';
import { KeyAdminService, UsageLimitService, type LimitValues } from '../../src/auth/index.js';
import type { KeyId } from '../../src/core/index.js';
import { callOutcomes, SERVED } from './call-outcomes.js';
import { counterDrift } from './counter-drift.js';
import { eventually } from './eventually.js';
import { TestGateway } from './gateway.js';
import type { OwnPostgres } from './own-postgres.js';
import type { TestRedis } from './redis.js';
import { dialectOf, finish, isRefused, isWhole, readInto, tell, type Stream } from './outage-calls.js';
import { hold, say, ScriptedUpstream, type Reply } from './scripted-upstream/index.js';
import { SteadyLoad, type LoadedCall } from './steady-load.js';

/** Something that goes away, and comes back. */
export interface Outage {
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

const AWAY_MS = 10_000;
const CALLS_PER_SECOND = 12;
const STREAMS = 8;
const SETTLED_WITHIN_MS = 45_000;
/** After which nothing is held any more for a call that is over, whatever was lost of it. */
const LEASE_MS = 60_000;
/** Per minute, of the key that has a small limit. */
const ROOM = 3;
const TRIED = 12;

/** Gateways on stores that go away under load. */
export class OutageWorld {
  private readonly upstream = new ScriptedUpstream();
  private readonly replies = new Map<string, Reply>();
  private readonly gateway: TestGateway;
  private readonly replicas: number;
  private readonly folder = mkdtempSync(join(tmpdir(), 'codex-pooler-outage-'));
  private readonly streams: Stream[] = [];
  private keyId: KeyId | undefined;
  private key = '';
  private smallKey = '';
  private calls: readonly LoadedCall[] = [];
  /** HTTP statuses that the key with a small limit got while Postgres was away. */
  private smallStatuses: readonly number[] = [];

  constructor(
    private readonly postgres: OwnPostgres,
    readonly outage: Outage,
    redis?: TestRedis,
  ) {
    this.replicas = redis ? 2 : 1;
    const { upstream, replicas } = this;
    this.gateway = new TestGateway({ upstream, replicas, ...(redis ? { redis } : {}) }, postgres);
    upstream.script = (request) => this.replies.get(request.header('x-client-request-id') ?? '') ?? say('Hello');
  }

  async start(): Promise<void> {
    await this.gateway.start(this.folder);
    // Far away: all calls are counted, none is refused.
    [this.keyId, this.key] = await this.newKey({ tokensPerDay: 1_000_000_000_000, usdPerMonth: 900_000 });
    [, this.smallKey] = await this.newKey({ requestsPerMinute: ROOM });
    // Every gateway knows the keys, and has counted.
    for (let replica = 0; replica < this.replicas; replica += 1) {
      expect((await this.post(0, randomUUID(), { replica })).status).toBe(200);
    }
    expect(await this.postSmall()).toBe(200);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ten seconds without Postgres, under load, with streams that go on through it. */
  async endure(): Promise<void> {
    const load = new SteadyLoad(CALLS_PER_SECOND, (number, id) => this.post(number, id));
    const streams = await this.openStreams();
    await eventually(() => expect(load.sent).toBeGreaterThan(CALLS_PER_SECOND));
    await this.outage.begin();
    const endMs = performance.now() + AWAY_MS;
    const small = Promise.all(Array.from({ length: TRIED }, () => this.postSmall()));
    const [short, long] = [streams.slice(0, STREAMS / 2), streams.slice(STREAMS / 2)];
    await finish(short);
    while (performance.now() < endMs) await Promise.all(long.map((stream) => tell(stream)));
    await this.outage.end();
    await finish(long);
    this.smallStatuses = await small;
    await this.servesAgain();
    this.calls = await load.stop();
  }

  /** Streams that end for their clients while all of it is away. */
  async streamThrough(begin: readonly Outage[], end: readonly Outage[]): Promise<void> {
    const streams = await this.openStreams();
    for (const outage of begin) await outage.begin();
    await finish(streams);
    for (const outage of end) await outage.end();
    await this.servesAgain();
  }

  get streamed(): readonly string[] {
    return this.streams.map(({ heard }) => heard.read);
  }

  unexplained(): readonly object[] {
    return this.calls
      .filter((call) => !isWhole(call) && !isRefused(call))
      .map(({ number, status, text }) => ({ path: dialectOf(number).path, status, text }));
  }

  refused(): number {
    return this.calls.filter(isRefused).length;
  }

  slowestMs(): number {
    return Math.max(...this.calls.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs));
  }

  /** How many calls of a key with room for three got an answer or its beginning while Postgres was away. */
  letIn(): { readonly all: number; readonly odd: readonly number[] } {
    const statuses = this.smallStatuses;
    return {
      all: statuses.filter((status) => status === 200).length,
      odd: statuses.filter((status) => ![200, 429, 503].includes(status)),
    };
  }

  servesAgain(): Promise<void> {
    return eventually(
      async () => {
        for (let replica = 0; replica < this.replicas; replica += 1) {
          const response = await this.post(0, randomUUID(), { replica });
          expect([response.status, await response.text()]).toEqual([
            200,
            expect.stringContaining('response.completed'),
          ]);
        }
      },
      { withinMs: 20_000 },
    );
  }

  async settlesAll(): Promise<void> {
    const known = [...this.calls.filter(isWhole), ...this.streams].map(({ id }) => id);
    await eventually(
      async () => {
        expect(await this.count(`FROM request WHERE status = 'in_flight'`)).toBe(0);
        const outcomes = await callOutcomes(this.postgres.dataSource(), known);
        expect(outcomes.filter(({ ledger }) => ledger?.length !== 1)).toEqual([]);
        expect(outcomes).toEqual(known.map(() => SERVED));
      },
      { withinMs: SETTLED_WITHIN_MS },
    );
    expect(await this.count('FROM request')).toBe(await this.count('FROM ledger_entry'));
  }

  async takenForDead(): Promise<object> {
    return {
      suspected: await this.count('FROM gateway_process WHERE suspected_at IS NOT NULL'),
      lost: await this.count(`FROM ledger_entry WHERE settled_by = 'sweeper'`),
    };
  }

  async addsUp(): Promise<void> {
    const database = this.postgres.dataSource();
    await eventually(async () => expect(await this.count('FROM reservation')).toBe(0), { withinMs: SETTLED_WITHIN_MS });
    const days = await database.query<{ day: string }[]>(
      `SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date::text AS day FROM ledger_entry`,
    );
    for (const { day } of days) {
      const { hourly, daily } = await new RollupVerification(database).verify(day);
      expect([hourly?.rows, daily.rows]).toEqual([0, 0]);
    }
    await this.calm();
    await eventually(async () => expect(await counterDrift(this.gateway, this.keyId)).toEqual([]), {
      withinMs: LEASE_MS,
    });
  }

  /** Once every gateway counts where it should again; counters that were lost are filled by whoever is counted next. */
  private async calm(): Promise<void> {
    for (let replica = 0; replica < this.replicas; replica += 1) {
      const live = () => expect(this.gateway.get(LimitStore, replica).liveKey('')).toBeDefined();
      await eventually(live, { withinMs: SETTLED_WITHIN_MS });
    }
    await this.servesAgain();
    await eventually(async () => expect(await this.count('FROM reservation')).toBe(0));
  }

  private async newKey(limits: LimitValues): Promise<[KeyId, string]> {
    const { key, token } = await this.gateway.get(KeyAdminService).createKey(this.gateway.pool.id, randomUUID());
    await this.gateway.get(UsageLimitService).setLimit({ keyId: key.id }, limits);
    return [key.id, token];
  }

  private post(
    number: number,
    id: string,
    { key = this.key, replica = number % this.replicas } = {},
  ): Promise<Response> {
    const { path, body } = dialectOf(number);
    const headers = { authorization: `Bearer ${key}`, 'x-request-id': id, 'x-client-request-id': id };
    return this.gateway.post(body, { path, replica, headers });
  }

  private async postSmall(): Promise<number> {
    const response = await this.post(0, randomUUID(), { key: this.smallKey });
    await response.text();
    return response.status;
  }

  /** Each has told its client something. */
  private async openStreams(): Promise<Stream[]> {
    const opened = await Promise.all(
      Array.from({ length: STREAMS }, async (_, n) => {
        const stream = await this.openStream(n % this.replicas);
        await tell(stream);
        return stream;
      }),
    );
    this.streams.push(...opened);
    return opened;
  }

  private async openStream(replica: number): Promise<Stream> {
    const id = randomUUID();
    const held = hold();
    this.replies.set(id, held);
    const answer = this.post(0, id, { replica });
    const heard = { read: '' };
    const ended = answer.then((response) => readInto(heard, response));
    ended.catch(() => undefined);
    await held.start();
    return { id, held, heard, ended };
  }

  private async count(what: string): Promise<number> {
    const [row] = await this.postgres.dataSource().query<{ n: number }[]>(`SELECT count(*)::int AS n ${what}`);
    return row?.n ?? Number.NaN;
  }
}

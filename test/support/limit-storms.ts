import { randomUUID } from 'node:crypto';
import { estimate, PriceService } from '../../src/accounting/index.js';
import { LimitRebuildService, type RebuildResult } from '../../src/accounting/limits/limit-rebuild.service.js';
import { LimitStore } from '../../src/accounting/limits/limit-store.service.js';
import { ReservationHolder } from '../../src/accounting/limits/reservation-holder.service.js';
import { SettlementOutbox } from '../../src/accounting/settlement-outbox.service.js';
import { CONFIRM_AFTER_MS } from '../../src/accounting/timing.js';
import { KeyAdminService, UsageLimitService, type LimitOwner, type LimitValues } from '../../src/auth/index.js';
import { SharedState } from '../../src/platform/shared-state/index.js';
import { eventually } from './eventually.js';
import { ask, type TestGateway } from './gateway.js';
import { newPool } from './pools.js';
import { say, ScriptedUpstream, usage, type Reply } from './scripted-upstream/index.js';

export const CALLS = 500;
export const ROOM = 10;
const KEYS_OF_A_POOL = 5;
/** Of every call that is answered, and less than is reserved for it. */
const USED = { input: 60, output: 20 };
const BODY = JSON.stringify(ask());
const MODEL = 'gpt-5.5';

/** What is limited so that it has room for `ROOM` of our calls and no more. */
export type Limited = 'tokens per day' | 'USD per day' | 'requests per minute' | 'a budget of a Pool';
export const LIMITED: readonly Limited[] = [
  'tokens per day',
  'USD per day',
  'requests per minute',
  'a budget of a Pool',
];

/** Something that happens in the middle of a storm: when so many of its calls are at the upstream or were answered. */
export interface Disturbance {
  readonly at: number;
  readonly act: () => Promise<void>;
}

/** A refused call, as its client saw it. */
export interface Refused {
  readonly status: number;
  readonly code: unknown;
  readonly param: unknown;
  /** Seconds that the client is told: until it may come again. */
  readonly wait: number;
  readonly text: string;
}

interface Ledger {
  readonly outcome: string;
  readonly calls: number;
}

/** Answers nobody before it is told to; counts who came. */
export class ClosedGate {
  arrived = 0;
  onArrival: () => void = () => undefined;
  private open: () => void = () => undefined;
  private readonly opened = new Promise<void>((done) => (this.open = done));

  reply(): Reply {
    return {
      send: async (wire) => {
        this.arrived += 1;
        this.onArrival();
        await Promise.race([this.opened, wire.request.closed]);
        await say('Hello', { usage: usage(USED.input, 0, USED.output, 0) }).send(wire);
      },
    };
  }

  release(): void {
    this.open();
  }
}

/** The upstream of storms: calls by key or Pool wait at the gate of their storm. */
export class GatedUpstream extends ScriptedUpstream {
  readonly gates = new Map<string, ClosedGate>();
  override script = (request: { header(name: string): string | undefined }): Reply =>
    this.gates.get(request.header('x-client-request-id') ?? '')?.reply() ??
    say('Hello', { usage: usage(USED.input, 0, USED.output, 0) });
}

/** 500 calls at once against room for ten. */
export class LimitStorm {
  private readonly id = randomUUID();
  private readonly gate = new ClosedGate();
  private happened = 0;
  private disturbing: Promise<void> | undefined;
  private answers: Promise<Response[]> = Promise.resolve([]);
  readonly refused: Refused[] = [];

  private constructor(
    private readonly gateway: TestGateway,
    private readonly owner: LimitOwner,
    readonly keys: readonly string[],
    private readonly ledgerColumn: 'key_id' | 'pool_id',
  ) {}

  static async over(gateway: TestGateway, upstream: GatedUpstream, limited: Limited): Promise<LimitStorm> {
    const ofPool = limited === 'a budget of a Pool';
    const pool = ofPool ? (await newPool(gateway, upstream, [{}, {}])).pool : gateway.pool;
    const admin = gateway.get(KeyAdminService);
    const made = await Promise.all(
      Array.from({ length: ofPool ? KEYS_OF_A_POOL : 1 }, () => admin.createKey(pool.id, randomUUID())),
    );
    const [first] = made;
    if (first === undefined) throw new Error('There is no key.');
    const owner = ofPool ? { poolId: pool.id } : { keyId: first.key.id };
    await gateway.get(UsageLimitService).setLimit(owner, roomOf(gateway, limited));
    const tokens = made.map(({ token }) => token);
    const storm = new LimitStorm(gateway, owner, tokens, ofPool ? 'pool_id' : 'key_id');
    upstream.gates.set(storm.id, storm.gate);
    return storm;
  }

  /** Everybody comes, and those that were let in stay until `settle`. @returns how many reached the upstream */
  async rage(replicas: readonly number[], disturbance?: Disturbance): Promise<number> {
    let over = 0;
    let allOver: () => void = () => undefined;
    const quiet = new Promise<void>((done) => (allOver = done));
    const step = () => {
      this.happened += 1;
      if (this.happened === disturbance?.at) this.disturbing = disturbance.act();
      if (over + this.gate.arrived >= CALLS) allOver();
    };
    this.gate.onArrival = step;
    const calls = Array.from({ length: CALLS }, async (_, n) => {
      const answer = await this.post(n, replicas[n % replicas.length] ?? 0);
      if (answer.status === 200) return answer;
      this.refused.push(await refusedBy(answer));
      over += 1;
      step();
      return answer;
    });
    this.answers = Promise.all(calls);
    await quiet;
    await this.disturbing;
    return this.gate.arrived;
  }

  /** Those that were let in are answered. @returns how many of them were served */
  async settle(): Promise<number> {
    this.gate.release();
    const served = (await this.answers).filter(({ status }) => status === 200);
    const texts = await Promise.all(served.map((answer) => answer.text()));
    await this.settled();
    return texts.filter((text) => text.includes('response.completed')).length;
  }

  /** One more small call. @returns its status */
  async another(replica: number): Promise<number> {
    const answer = await this.post(0, replica);
    await answer.text();
    await this.settled();
    return answer.status;
  }

  /** All that was written of the calls, once nothing is under way. */
  async ledger(): Promise<Record<string, number>> {
    const rows = await this.gateway
      .database()
      .query<Ledger[]>(
        `SELECT outcome, count(*)::int AS calls FROM ledger_entry WHERE ${this.ledgerColumn} = $1 GROUP BY 1`,
        [this.ownerId],
      );
    return Object.fromEntries(rows.map(({ outcome, calls }) => [outcome, calls]));
  }

  /** Once every replica counts in Redis, whatever happened to it, and has said again what it says every 15 s. */
  async calm(): Promise<void> {
    await eventually(async () => {
      for (const [replica] of this.gateway.urls.entries()) {
        const key = this.gateway.get(LimitStore, replica).liveKey(this.ownerId);
        expect(key).toBeDefined();
        await this.gateway.get(SharedState, replica).counters.contents([key ?? '']);
        await this.gateway.get(ReservationHolder, replica).renew();
      }
    });
  }

  /** Compares the counter with the ledger, as the job does. */
  async rebuild(): Promise<RebuildResult> {
    return this.gateway
      .get(LimitRebuildService)
      .rebuild(await this.gateway.get(UsageLimitService).limitsOf(this.owner));
  }

  private get ownerId(): string {
    return this.owner.keyId ?? this.owner.poolId;
  }

  private post(number: number, replica: number): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.keys[number % this.keys.length] ?? ''}`,
      'x-client-request-id': this.id,
    };
    return this.gateway.post(BODY, { headers, replica });
  }

  /** What a queue was given and lost is written by whoever gave it. */
  private async afterTenSeconds(): Promise<void> {
    for (const [replica] of this.gateway.urls.entries()) {
      await this.gateway.get(SettlementOutbox, replica).confirm(Date.now() + CONFIRM_AFTER_MS);
    }
  }

  /** Every call has its entry, and nothing is reserved for any of them. */
  private async settled(): Promise<void> {
    const sql = `
      SELECT (SELECT count(*)::int FROM request WHERE ${this.ledgerColumn} = $1) AS requests,
             (SELECT count(*)::int FROM request WHERE ${this.ledgerColumn} = $1 AND status = 'in_flight') AS open,
             (SELECT count(*)::int FROM ledger_entry WHERE ${this.ledgerColumn} = $1) AS entries,
             (SELECT count(*)::int FROM reservation WHERE ${this.ledgerColumn} = $1) AS reserved`;
    await eventually(
      async () => {
        if (this.disturbing !== undefined) await this.afterTenSeconds();
        const [row] = await this.gateway.database().query<[Record<string, number>]>(sql, [this.ownerId]);
        expect(row).toMatchObject({ open: 0, reserved: 0, entries: row.requests });
        expect(row.entries).toBeGreaterThanOrEqual(CALLS);
      },
      { withinMs: 20_000 },
    );
  }
}

function roomOf(gateway: TestGateway, limited: Limited): LimitValues {
  const { input, output } = estimate(Buffer.byteLength(BODY));
  const { nanoUsd = 0 } = gateway.get(PriceService).estimateOf(MODEL, undefined, { input, output });
  if (nanoUsd === 0) throw new Error('The model has no price.');
  const budget = ((nanoUsd * ROOM) / 1e9).toFixed(9);
  const rooms: Record<Limited, LimitValues> = {
    'tokens per day': { tokensPerDay: (input + output) * ROOM },
    'USD per day': { usdPerDay: budget },
    'requests per minute': { requestsPerMinute: ROOM },
    'a budget of a Pool': { usdPerMonth: budget },
  };
  return rooms[limited];
}

async function refusedBy(answer: Response): Promise<Refused> {
  const text = await answer.text();
  const { error } = JSON.parse(text) as { error: Record<string, unknown> };
  const wait = Number(error['resets_in_seconds'] ?? answer.headers.get('retry-after') ?? 0);
  return { status: answer.status, code: error['code'], param: error['param'], wait, text };
}

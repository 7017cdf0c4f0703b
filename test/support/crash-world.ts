import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { callOutcomes, SERVED, type CallOutcome } from './call-outcomes.js';
import {
  isEarly,
  isRollUp,
  isWorkers,
  STANDING,
  WORKER_STEPS,
  type Doomed,
  type Stage,
  type Step,
} from './crash-steps.js';
import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import type { Environment, GatewayProcess, GatewayProcesses } from './gateway-process.js';
import { ask, PATH } from './gateway.js';
import { madeUpKey } from './made-up-key.js';
import { queueAt } from './queue-at.js';
import type { TestRedis } from './redis.js';
import { hang, hold, type HeldStream, type Reply, type ScriptedUpstream } from './scripted-upstream/index.js';

const CRASH = resolve(__dirname, 'crash-at.cjs');
/** Enough for all places that dead processes still hold. */
const ACCOUNTS = 8;
/** How many calls come to a step before their process is killed there. */
const CALLS_PER_STEP = 6;
const JOB_MS = 30_000;
/** Far away: all calls are counted, none is refused. */
const LIMITS = { tokensPerDay: 1_000_000_000_000, usdPerMonth: 900_000, requestsPerMinute: 100_000 };

const KEPT = `
  SELECT request_id FROM request
   WHERE request_id = ANY($1)
     AND (id IN (SELECT call_id FROM settlement_outbox) OR id IN (SELECT call_id FROM ledger_entry WHERE usage_known))`;

export interface CrashStores {
  readonly processes: GatewayProcesses;
  readonly database: TestDatabase;
  /** Absent: queues are in the database, and only one process may run. */
  readonly redis?: TestRedis | undefined;
  readonly upstream: ScriptedUpstream;
  /** What the upstream answers, by the `x-client-request-id` of a call. */
  readonly replies: Map<string, Reply>;
}

/** Processes that are killed on stores of their own, and their calls, all of a key with limits. */
export class CrashWorld {
  readonly calls: Doomed[] = [];
  private readonly key = madeUpKey();
  private environment: Environment = {};
  constructor(private readonly stores: CrashStores) {}

  /** @param dataDir a folder for this world */
  prepare(dataDir: string): void {
    const { upstream, database, redis } = this.stores;
    // Of its own: a login serves one installation.
    const accounts = Array.from({ length: ACCOUNTS }, () => upstream.addAccount({ accountId: `acc_${randomUUID()}` }));
    const logins = accounts.map((_, n) => ({ label: `account ${n}`, authJsonEnv: `AUTH_JSON_${n}` }));
    const keys = [{ label: 'drill', secretEnv: 'POOL_KEY', limits: LIMITS }];
    const seed = join(dataDir, 'seed.yaml');
    writeFileSync(seed, JSON.stringify({ pools: [{ slug: 'team', accounts: logins, keys }] }));
    this.environment = {
      DATABASE_URL: database.url(),
      DATABASE_POOL_SIZE: '5',
      REDIS_URL: redis?.url(),
      SECRET_KEYS: `v1:${randomBytes(32).toString('base64')}`,
      DATA_DIR: dataDir,
      SEED_FILE: seed,
      POOL_KEY: this.key,
      ...Object.fromEntries(accounts.map(({ login }, n) => [`AUTH_JSON_${n}`, login.authJson])),
      UPSTREAM_BASE_URL: upstream.url,
      OAUTH_ISSUER_URL: upstream.url,
      LOG_LEVEL: 'warn',
    };
  }

  get database(): DataSource {
    return this.stores.database.dataSource();
  }

  serve(): Promise<GatewayProcess> {
    return this.stores.processes.serve(this.environment);
  }

  outcomesOf(ids: readonly string[]): Promise<CallOutcome[]> {
    return callOutcomes(this.database, ids);
  }

  query<Row>(sql: string): Promise<Row[]> {
    return this.database.query<Row[]>(sql);
  }

  /** A gateway dies at a step while other calls of it stand by; it is its own worker where there is no Redis. */
  async killAt(step: Step): Promise<void> {
    const together = isWorkers(step) ? { CRASH_TOGETHER: 'yes' } : {};
    const crash = { CRASH_AT: step, CRASH_CALLS: String(CALLS_PER_STEP), ...together };
    const gateway = await this.serveDoomed(crash, this.stores.redis ? ['--role', 'gateway'] : []);
    const standing = await Promise.all(STANDING.map((stage) => this.stand(gateway, stage)));
    await arm(gateway);
    const struck = await this.strike(gateway, step);
    await this.noteKept([...standing, ...struck]);
  }

  /** Workers die one after the other while a gateway that lives serves calls, once the `others` are dead. */
  async killWorkers(gateway: GatewayProcess, others: Promise<unknown>): Promise<void> {
    const doomed = WORKER_STEPS.map((step) => ({ CRASH_AT: step, CRASH_CALLS: '1' }));
    const workers = await Promise.all(doomed.map((crash) => this.serveDoomed(crash, ['--role', 'worker'])));
    await others;
    await Promise.all(workers.map(arm));
    const alive = new Set(workers);
    for (const worker of workers) void worker.ended.then(() => alive.delete(worker));
    while (alive.size > 0) {
      const served = [this.doomed('worker-before-commit'), this.doomed('worker-after-commit')];
      await Promise.all(served.map((call) => this.serveWhole(gateway, call)));
      await eventually(async () => {
        await this.noteKept(served);
        expect(served.map(({ kept }) => kept)).toEqual([true, true]);
      });
      await this.start('roll-up');
    }
  }

  /** A call that its process outlives. */
  async survive(gateway: GatewayProcess): Promise<{ readonly call: Doomed; readonly finish: () => Promise<void> }> {
    const call: Doomed = { id: randomUUID(), stage: 'settled', killedAtMs: Infinity, kept: true, read: '' };
    const held = hold();
    const answer = this.post(gateway, call, held);
    await held.start();
    await say(held, call);
    return { call, finish: () => held.finish().then(() => answer) };
  }

  /** A recurring job, now. @returns its result */
  async run(name: string): Promise<unknown> {
    const queue = this.maintenance();
    try {
      const { id = '' } = await queue.add(name, {});
      const result = async (): Promise<unknown> => {
        const job = await queue.getJob(id);
        expect(job?.finishedOn).toBeDefined();
        return job?.returnvalue as unknown;
      };
      return await eventually(result, { withinMs: JOB_MS });
    } finally {
      await queue.close();
    }
  }

  private async start(name: string): Promise<void> {
    const queue = this.maintenance();
    await queue.add(name, {});
    await queue.close();
  }

  private maintenance(): ReturnType<typeof queueAt> {
    return queueAt('maintenance', this.stores.redis?.url(), this.stores.database.url());
  }

  private serveDoomed(crash: Environment, args: readonly string[]): Promise<GatewayProcess> {
    // Another process has filled the stores.
    const seed = args.length > 0 ? { SEED_FILE: undefined } : {};
    return this.stores.processes.serve({ ...this.environment, ...seed, ...crash }, args, { preload: [CRASH] });
  }

  private doomed(stage: Stage): Doomed {
    const call = { id: randomUUID(), stage, killedAtMs: Infinity, kept: false, read: '' };
    this.calls.push(call);
    return call;
  }

  private post(gateway: GatewayProcess, call: Doomed, reply: Reply): Promise<void> {
    this.stores.replies.set(call.id, reply);
    const headers = { 'x-request-id': call.id, 'x-client-request-id': call.id, 'content-type': 'application/json' };
    const answer = fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, ...headers },
      body: JSON.stringify(ask()),
    }).then((response) => readInto(call, response));
    answer.catch(() => undefined);
    return answer;
  }

  private async serveWhole(gateway: GatewayProcess, call: Doomed): Promise<void> {
    const held = hold();
    const answer = this.post(gateway, call, held);
    await held.start();
    await held.finish();
    await answer;
  }

  /** Bring one call to a stage and leave it there. */
  private async stand(gateway: GatewayProcess, stage: (typeof STANDING)[number]): Promise<Doomed> {
    const call = this.doomed(stage);
    const [held, waiting] = [hold(), hang()];
    const answer = this.post(gateway, call, stage === 'asked' ? waiting : held);
    await (stage === 'asked' ? waiting.opened : held.start());
    if (stage === 'streaming' || stage === 'settled') await say(held, call);
    await eventually(async () => expect(await this.outcomesOf([call.id])).toHaveLength(1));
    if (stage !== 'settled') return call;
    await held.finish();
    await answer;
    await eventually(async () => expect(await this.outcomesOf([call.id])).toEqual([SERVED]), { withinMs: JOB_MS });
    return call;
  }

  /** Calls that all come to the step at which their process dies. */
  private async strike(gateway: GatewayProcess, step: Step): Promise<Doomed[]> {
    const struck = Array.from({ length: CALLS_PER_STEP }, () => ({ call: this.doomed(step), held: hold() }));
    const answers = struck.map(({ call, held }) => this.post(gateway, call, isEarly(step) ? hang() : held));
    if (!isEarly(step)) {
      await Promise.all(struck.map(({ call, held }) => held.start().then(() => say(held, call))));
      await Promise.all(struck.map(({ held }) => held.finish()));
      await Promise.all(answers);
    }
    if (step === 'sent') await gateway.kill9();
    if (isRollUp(step)) {
      await eventually(async () => expect(await this.query('SELECT FROM usage_delta LIMIT 1')).toHaveLength(1));
      await this.start('roll-up');
    }
    await gateway.ended;
    return struck.map(({ call }) => call);
  }

  private async noteKept(calls: readonly Doomed[]): Promise<void> {
    const nowMs = Date.now();
    const rows = await this.database.query<{ request_id: string }[]>(KEPT, [calls.map(({ id }) => id)]);
    const kept = new Set(rows.map((row) => row.request_id));
    for (const call of calls) Object.assign(call, { kept: kept.has(call.id), killedAtMs: nowMs });
  }
}

/** From now on it dies at its step. */
async function arm({ pid, output }: GatewayProcess): Promise<void> {
  process.kill(pid, 'SIGUSR2');
  await eventually(() => expect(output()).toContain('armed'));
}

/** Once its client has read something. */
async function say(held: HeldStream, call: Doomed): Promise<void> {
  await held.text('word ');
  await eventually(() => expect(call.read).toContain('word'));
}

async function readInto(call: Doomed, { body }: Response): Promise<void> {
  const text = new TextDecoder();
  for await (const chunk of body ?? []) call.read += text.decode(chunk as Uint8Array, { stream: true });
}

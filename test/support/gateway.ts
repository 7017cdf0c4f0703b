import { randomUUID } from 'node:crypto';
import type { Abstract, Type } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { KeyAdminService, PoolService, type Pool } from '../../src/auth/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { serve, type Served } from '../../src/serve.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { AccountService } from '../../src/upstream/index.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { UsageProcessor } from '../../src/upstream/quota/usage.processor.js';
import { useDatabase, type TestDatabase } from './database.js';
import { forTheBlock } from './for-the-block.js';
import type { TestRedis } from './redis.js';
import { say, type ScriptedAccount, type ScriptedUpstream } from './scripted-upstream/index.js';
import { temporaryFolder } from './temporary-folder.js';

export interface GatewayOptions {
  /** Started and stopped with the gateway; its accounts are imported in order, two are made when it has none. */
  readonly upstream: ScriptedUpstream;
  /** Shared state and queues in Redis; absent: embedded. */
  readonly redis?: TestRedis;
  /** How many gateways run on the same stores; more than one needs Redis. */
  readonly replicas?: number;
  /** Accounts are asked for their usage as in production; absent: only when a test asks. */
  readonly probes?: true;
  readonly env?: Readonly<Record<string, string>>;
  /** Where log lines go; absent: nowhere. */
  readonly logs?: (line: string) => void;
}

/** One row of `request`, with what its ledger entry says. Columns as in the database. */
export type LedgerRow = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string };

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly replica?: number;
  readonly signal?: AbortSignal;
}

export const PATH = '/backend-api/codex/responses';

const LEDGER = `
  SELECT request.*, ledger_entry.outcome, ledger_entry.usage_known, ledger_entry.input_uncached, ledger_entry.input_cached,
         ledger_entry.output, ledger_entry.reasoning, ledger_entry.settled_by
    FROM request LEFT JOIN ledger_entry ON ledger_entry.call_id = request.id`;

/** The whole gateway in this process, on real stores, in front of a scripted upstream. Call it inside a `describe`. */
export function useGateway(options: GatewayOptions): TestGateway {
  const database = useDatabase();
  const folder = temporaryFolder();
  const gateway = new TestGateway(options, database);
  forTheBlock(
    () => gateway.start(folder.path()),
    () => gateway.stop(),
  );
  return gateway;
}

export class TestGateway {
  private readonly served: Served[] = [];
  private madeKey: string | undefined;
  private madePool: Pool | undefined;

  constructor(
    private readonly options: GatewayOptions,
    private readonly stores: TestDatabase,
  ) {}

  async start(dataDir: string): Promise<void> {
    const { upstream, replicas = 1, logs } = this.options;
    await upstream.start();
    if (upstream.accounts.length === 0) {
      for (const name of ['alice', 'bob']) upstream.addAccount({ accountId: `acc_${name}` });
    }
    const config = loadConfig(this.environment(dataDir));
    for (let n = 0; n < replicas; n += 1) {
      this.served.push(await serve(config, { role: 'all', ...(logs ? { log: { write: logs } } : {}) }));
    }
    if (this.options.probes !== true) await this.pauseProbes();
    this.madePool = await this.get(PoolService).createPool('test');
    for (const account of upstream.accounts) await this.importAccount(account);
    this.madeKey = (await this.get(KeyAdminService).createKey(this.pool.id, randomUUID())).token;
  }

  /** What an account's upstream tells in between would change what a test sees of it. */
  private async pauseProbes(): Promise<void> {
    await Promise.all(this.served.map((_, n) => this.get(UsageProcessor, n).worker.pause(true)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.served.map(({ close }) => close()));
    await this.options.upstream.stop();
  }

  /** Of the first replica. */
  get url(): string {
    return this.replica(0).url;
  }

  get urls(): readonly string[] {
    return this.served.map(({ url }) => url);
  }

  /** A live Pool API key. */
  get key(): string {
    return made(this.madeKey);
  }

  get pool(): Pool {
    return made(this.madePool);
  }

  get accounts(): readonly ScriptedAccount[] {
    return this.options.upstream.accounts;
  }

  database(): DataSource {
    return this.stores.dataSource();
  }

  databaseUrl(): string {
    return this.stores.url();
  }

  /** A service of one replica. */
  get<T>(type: Type<T> | Abstract<T>, replica = 0): T {
    return this.replica(replica).app.get<T>(type, { strict: false });
  }

  /** `POST /backend-api/codex/responses` with the key; text and bytes go out as they are, anything else as JSON. */
  post(body: unknown, { headers = {}, path = PATH, replica = 0, signal }: PostOptions = {}): Promise<Response> {
    return fetch(`${this.replica(replica).url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  }

  /** Calls in order of arrival. */
  ledger(): Promise<LedgerRow[]> {
    return this.database().query<LedgerRow[]>(`${LEDGER} ORDER BY request.received_at`);
  }

  /** The call that was answered with this `x-request-id`, once it is settled. */
  async settled(requestId: string): Promise<LedgerRow | undefined> {
    const sql = `${LEDGER} WHERE request.request_id = $1 AND request.status <> 'in_flight'`;
    return (await this.database().query<LedgerRow[]>(sql, [requestId]))[0];
  }

  /** Close one replica as SIGTERM would. */
  close(replica: number): Promise<void> {
    return this.replica(replica).close();
  }

  private replica(index: number): Served {
    return made(this.served[index]);
  }

  private environment(dataDir: string): Record<string, string> {
    const { upstream, redis, env = {}, logs } = this.options;
    return {
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: this.stores.url(),
      DATABASE_POOL_SIZE: '10',
      UPSTREAM_BASE_URL: upstream.url,
      OAUTH_ISSUER_URL: upstream.url,
      LOG_LEVEL: logs ? 'debug' : 'silent',
      DRAIN_MS: '5000',
      ...(redis ? { REDIS_URL: redis.url() } : {}),
      ...env,
    };
  }

  private async importAccount({ id, login }: ScriptedAccount): Promise<void> {
    const poolId = this.pool.id;
    const { account } = await this.get(AccountService).importAuthJson(login.authJson, { label: id, poolId });
    await this.get(CatalogRefresh).run(account.id);
    await this.get(UsageProbe).run(account.id, Date.now);
  }
}

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The gateway is there inside tests and hooks only.');
  return value;
}

/** A small streaming request. */
export const ask = (over: object = {}): object => ({
  model: 'gpt-5.5',
  stream: true,
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hello.' }] }],
  ...over,
});

export const hello = () => say('Hello', ' there');

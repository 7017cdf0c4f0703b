import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodexSocket, turn } from './codex-socket.js';
import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { forTheBlock } from './for-the-block.js';
import { useGatewayProcesses, type Ended, type GatewayProcess, type GatewayProcesses } from './gateway-process.js';
import { ask, PATH } from './gateway.js';
import { madeUpKey } from './made-up-key.js';
import type { TestRedis } from './redis.js';
import { hold, paced, say, ScriptedUpstream, type HeldStream, type Reply } from './scripted-upstream/index.js';
import { TcpBalancer } from './tcp-balancer.js';
import { temporaryFolder } from './temporary-folder.js';

const ACCOUNTS = 10;
const MARK = /expecting ([0-9a-f-]{36})/;

const asking = (text: string) => ({
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
});

interface Stores {
  readonly postgres: TestDatabase;
  readonly redis: TestRedis;
  /** The database has no tables yet. */
  readonly empty?: true;
}

/** A call that goes on as long as the test wants, over HTTP or a websocket. */
export interface OpenTurn {
  /** Its `x-request-id`. */
  readonly id: string;
  readonly held: HeldStream;
  /** All that its client read; rejects when it broke off. */
  readonly text: Promise<string>;
}
export interface OpenSocketTurn extends OpenTurn {
  readonly socket: CodexSocket;
}

/** Answers all alike but for the calls that it was told of, by what they ask. */
class MarkedUpstream extends ScriptedUpstream {
  private readonly replies = new Map<string, Reply>();
  override script = (request: { json(): unknown }): Reply =>
    this.replies.get(MARK.exec(JSON.stringify(request.json()))?.[1] ?? '') ?? paced(8, say('Hello', ' there'));

  /** @returns what the call must ask */
  expecting(reply: Reply): string {
    const id = randomUUID();
    this.replies.set(id, reply);
    return `expecting ${id}`;
  }
}

/** Two gateways and a worker as processes of their own, behind a balancer. Call it outside of a `describe`. */
export function useFleet(stores: Stores, env: object): Fleet {
  const folder = temporaryFolder();
  const fleet = new Fleet(useGatewayProcesses(), stores, env);
  forTheBlock(
    () => fleet.start(folder.path()),
    () => fleet.stop(),
  );
  return fleet;
}

class Fleet {
  readonly upstream = new MarkedUpstream();
  readonly key = madeUpKey();
  private readonly replicas: GatewayProcess[] = [];
  private readonly secretKeys = `v1:${randomBytes(32).toString('base64')}`;
  private readonly authJsons: Record<string, string> = {};
  private balancer: TcpBalancer | undefined;
  private folder = '';

  constructor(
    private readonly processes: GatewayProcesses,
    private readonly stores: Stores,
    private readonly env: object,
  ) {}

  async start(folder: string): Promise<void> {
    this.folder = folder;
    await this.upstream.start();
    for (let n = 0; n < ACCOUNTS; n += 1) this.upstream.addAccount({ accountId: `acc_${n}` });
    for (const [n, { login }] of this.upstream.accounts.entries()) this.authJsons[`AUTH_JSON_${n}`] = login.authJson;
    const accounts = this.upstream.accounts.map(({ id }, n) => ({ label: id, authJsonEnv: `AUTH_JSON_${n}` }));
    const keys = [{ label: 'fleet', secretEnv: 'POOL_KEY' }];
    writeFileSync(this.seedFile, JSON.stringify({ pools: [{ slug: 'team', accounts, keys }] }));
    if (this.stores.empty === true) await this.processes.run(this.environment(), ['migrate']);
    this.balancer = await TcpBalancer.start();
    await Promise.all([
      this.startReplica(0).then(() => this.startReplica(1)),
      this.processes.serve(this.environment(), ['--role', 'worker']),
    ]);
    await eventually(async () => expect(await (await this.post(ask(), randomUUID())).text()).toContain('completed'));
  }

  async stop(): Promise<void> {
    this.balancer?.stop();
    await Promise.all(this.replicas.map((replica) => replica.kill9()));
    await this.upstream.stop();
  }

  /** Where clients come in. */
  get url(): string {
    return this.balanced.url;
  }

  replica(n: number): GatewayProcess {
    const replica = this.replicas[n];
    if (replica === undefined) throw new Error('There is no such replica.');
    return replica;
  }

  /** In the place of whatever was there; it gets calls once this returns. */
  async startReplica(n: number): Promise<void> {
    const before = this.replicas[n];
    if (before !== undefined) this.balanced.remove(before.url);
    const env = { ...this.environment(), SEED_FILE: this.seedFile };
    const replica = await this.processes.serve(env, ['--role', 'gateway']);
    this.replicas[n] = replica;
    this.balanced.add(replica.url);
    await eventually(() => expect(this.balanced.ready).toContain(replica.url), { withinMs: 20_000 });
  }

  /** SIGTERM. @returns once it is over: how, and how long it took */
  async end(n: number): Promise<Ended & { readonly tookMs: number }> {
    const startedAtMs = performance.now();
    const ended = await this.replica(n).terminate();
    return { ...ended, tookMs: performance.now() - startedAtMs };
  }

  /** Whether the balancer sends anything there. */
  isReady(n: number): boolean {
    return this.balanced.ready.includes(this.replica(n).url);
  }

  post(body: object, id: string, { url = this.url } = {}): Promise<Response> {
    return fetch(`${url}${PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.key}`,
        'content-type': 'application/json',
        'x-request-id': id,
        'x-client-request-id': id,
      },
      body: JSON.stringify(body),
    });
  }

  /** As clients do it that are told to come again, or are cut off. @returns after how many milliseconds it was served */
  async insist(withinMs: number): Promise<number> {
    const startedAtMs = performance.now();
    await eventually(
      async () => {
        const response = await this.post(ask(), randomUUID());
        expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('response.completed')]);
      },
      { withinMs },
    );
    return performance.now() - startedAtMs;
  }

  /** A stream whose client has read its first word. */
  async openStream({ url = this.url } = {}): Promise<OpenTurn> {
    const [id, held] = [randomUUID(), hold()];
    const answer = this.post(ask(asking(this.upstream.expecting(held))), id, { url });
    await held.start();
    await held.text('begun ');
    const response = await answer;
    const text = response.text();
    text.catch(() => undefined);
    return { id, held, text };
  }

  openSocket({ url = this.url } = {}): Promise<CodexSocket> {
    return CodexSocket.open({ url, key: this.key });
  }

  /** The same over a websocket of its own. */
  async openSocketTurn({ url = this.url } = {}): Promise<OpenSocketTurn> {
    const [socket, held] = [await this.openSocket({ url }), hold()];
    socket.send(turn(asking(this.upstream.expecting(held))));
    await held.start();
    await held.text('begun ');
    await socket.until((frames) => frames.some((frame) => frame.includes('begun')));
    const text = socket.answer().then((frames) => frames.join('\n'));
    text.catch(() => undefined);
    return { id: String(socket.headers['x-request-id']), held, text, socket };
  }

  private get seedFile(): string {
    return join(this.folder, 'seed.yaml');
  }

  private get balanced(): TcpBalancer {
    if (this.balancer === undefined) throw new Error('The fleet is there inside tests and hooks only.');
    return this.balancer;
  }

  private environment() {
    return {
      DATABASE_URL: this.stores.postgres.url(),
      REDIS_URL: this.stores.redis.url(),
      SECRET_KEYS: this.secretKeys,
      DATA_DIR: this.folder,
      POOL_KEY: this.key,
      ...this.authJsons,
      UPSTREAM_BASE_URL: this.upstream.url,
      OAUTH_ISSUER_URL: this.upstream.url,
      DATABASE_POOL_SIZE: '10',
      LOG_LEVEL: 'warn',
      ...this.env,
    };
  }
}

export type { Fleet };

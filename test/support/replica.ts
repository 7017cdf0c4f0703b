import { DataSource } from 'typeorm';
import type { AccountId, RefreshedTokens, UpstreamKind } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';
import type { JobProducer } from '../../src/platform/queue/index.js';
import { MemorySharedState, type SharedState } from '../../src/platform/shared-state/index.js';
import { AccountChanges } from '../../src/upstream/account-changes.service.js';
import { parseAuthJson } from '../../src/upstream/auth-json.js';
import { CredentialService } from '../../src/upstream/credential.service.js';
import { DueTokens } from '../../src/upstream/credentials/due-tokens.service.js';
import { RefreshClaims } from '../../src/upstream/credentials/refresh-claims.service.js';
import { TokenRefresh } from '../../src/upstream/credentials/token-refresh.service.js';
import { UpstreamKinds } from '../../src/upstream/kinds.js';
import { AccountLifecycle } from '../../src/upstream/lifecycle/account-lifecycle.service.js';
import { AccountLogins } from '../../src/upstream/lifecycle/account-logins.service.js';
import { openToken } from '../../src/upstream/sealed-tokens.js';

type AskLogin = (refreshToken: string) => Promise<RefreshedTokens>;
/** What a process makes of its next refresh. `ask` asks the login server. */
type Mishap = (ask: () => Promise<RefreshedTokens>, replica: Replica) => Promise<RefreshedTokens>;

const BOX = new SecretBox(parseKeyRing(`v1:${Buffer.alloc(32, 7).toString('base64')}`));
const NO_JOBS = { add: () => Promise.resolve(true) } as unknown as JobProducer;

const forEver = <Result>(): Promise<Result> => new Promise<Result>(() => undefined);

/** One process of several that share a database: its own services, as far as logins go, and it can die. */
export class Replica {
  readonly credentials: CredentialService;
  readonly tokens: DueTokens;
  readonly lifecycle: AccountLifecycle;
  /** What the login server was asked with. */
  readonly asked: string[] = [];
  /** How often it has asked the database about logins. */
  statements = 0;
  /** Resolves when it dies. */
  readonly death: Promise<void>;
  private died: () => void = () => undefined;
  private dead = false;
  private failing = 0;
  private mishap: Mishap | undefined;

  constructor(
    private readonly connections: DataSource,
    askLogin: AskLogin,
    shared: SharedState = new MemorySharedState(() => performance.now()),
  ) {
    this.death = new Promise((died) => (this.died = died));
    const dataSource = this.mortal();
    const kind = { name: 'codex', refresh: (token: string) => this.ask(token, askLogin) };
    const kinds = new UpstreamKinds([kind as unknown as UpstreamKind]);
    const changes = new AccountChanges(shared);
    const refresh = new TokenRefresh(new RefreshClaims(dataSource, BOX), kinds);
    this.credentials = new CredentialService(dataSource, BOX, refresh, changes);
    this.tokens = new DueTokens(dataSource, this.credentials, refresh, changes, { REFRESH_MARGIN_MS: 600_000 });
    const logins = new AccountLogins(connections, BOX);
    this.lifecycle = new AccountLifecycle(connections, logins, this.credentials, changes, NO_JOBS);
  }

  /** With connections of its own, to be given back with `stop`. */
  static async start(url: string, askLogin: AskLogin, shared?: SharedState): Promise<Replica> {
    const connections = new DataSource({ type: 'postgres', url, poolSize: 2, installExtensions: false });
    return new Replica(await connections.initialize(), askLogin, shared);
  }

  get alive(): boolean {
    return !this.dead;
  }

  async link(authJson: string, label: string): Promise<AccountId> {
    return (await this.lifecycle.link(parseAuthJson(authJson, Date.now()), { label })).id;
  }

  async relink(id: AccountId, authJson: string): Promise<void> {
    await this.lifecycle.relink(id, parseAuthJson(authJson, Date.now()));
  }

  /** The refresh token that the account's row holds. */
  async refreshToken(id: AccountId): Promise<string> {
    const sql = 'SELECT refresh_token FROM upstream_account WHERE id = $1';
    const [row] = await this.connections.query<{ refresh_token: Buffer }[]>(sql, [id]);
    if (row === undefined) throw new Error('no account');
    return openToken(BOX, id, 'refresh_token', row.refresh_token);
  }

  /** Once; undefined: nothing out of the ordinary. */
  next(mishap: Mishap | undefined): void {
    this.mishap = mishap;
  }

  /** From now on nothing that it waits for comes, and nothing that it does arrives. */
  die(): Promise<never> {
    this.dead = true;
    this.died();
    return forEver();
  }

  /** Its next statements fail. */
  cut(statements: number): void {
    this.failing = statements;
  }

  async stop(): Promise<void> {
    await this.connections.destroy();
  }

  private ask(refreshToken: string, askLogin: AskLogin): Promise<RefreshedTokens> {
    this.asked.push(refreshToken);
    const { mishap } = this;
    this.mishap = undefined;
    return mishap === undefined ? askLogin(refreshToken) : mishap(() => askLogin(refreshToken), this);
  }

  private mortal(): DataSource {
    const query = async (sql: string, parameters?: unknown[]): Promise<unknown> => {
      if (this.dead) return forEver();
      this.statements += 1;
      if (this.failing-- > 0) throw new Error('the connection is broken');
      const result: unknown = await this.connections.query(sql, parameters);
      return this.alive ? result : forEver();
    };
    return { query } as DataSource;
  }
}

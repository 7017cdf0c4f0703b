import type { DataSource } from 'typeorm';
import type {
  AccountAccess,
  CallId,
  CatalogEntry,
  GatewayError,
  PoolId,
  QuotaReport,
  QuotaWindow,
  RefreshedTokens,
  ResponseEvent,
  RoutedCall,
  UpstreamAnswer,
  UpstreamKind,
  UpstreamSocket,
} from '../../src/core/index.js';
import { CallBody, from } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';
import type { JobProducer } from '../../src/platform/queue/index.js';
import { MemorySharedState, type SharedState } from '../../src/platform/shared-state/index.js';
import { AccountChanges } from '../../src/upstream/account-changes.service.js';
import { AccountCallers } from '../../src/upstream/account-callers.service.js';
import { AccountHealth } from '../../src/upstream/account-health.service.js';
import { AccountLogins } from '../../src/upstream/account-logins.service.js';
import { AccountPoolService } from '../../src/upstream/account-pool.service.js';
import { AccountRows } from '../../src/upstream/account-rows.service.js';
import { AccountService } from '../../src/upstream/account.service.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { CatalogService } from '../../src/upstream/catalog.service.js';
import { CredentialService } from '../../src/upstream/credential.service.js';
import { UpstreamKinds } from '../../src/upstream/kinds.js';
import { QuotaEvidence } from '../../src/upstream/quota/quota-evidence.service.js';
import { TokenRefresh } from '../../src/upstream/token-refresh.service.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';

export const POOL = '00000000-0000-4000-8000-0000000000a1' as PoolId;
export const BOX = new SecretBox(parseKeyRing(`v1:${Buffer.alloc(32, 7).toString('base64')}`));

export const aCall = (overrides: Partial<RoutedCall> = {}): RoutedCall => ({
  id: '00000000-0000-4000-8000-0000000000c1' as CallId,
  requestId: 'request-1',
  receivedAtMs: 1_790_000_000_000,
  dialect: 'codex-backend',
  route: '/backend-api/codex/responses',
  operation: 'responses',
  transport: 'http',
  model: 'gpt-5.5',
  stream: true,
  headers: {},
  body: new CallBody(Buffer.from('{"model":"gpt-5.5","stream":true}')),
  ...overrides,
});

/** An upstream kind whose every answer is a function of the test. Counts what it is asked. */
export class FakeKind implements UpstreamKind {
  readonly name = 'codex';
  readonly opened: AccountAccess[] = [];
  readonly refreshedWith: string[] = [];
  websockets = true;

  onOpen: (access: AccountAccess) => Promise<UpstreamAnswer> = async () => emptyAnswer();
  onConnect: (access: AccountAccess) => Promise<UpstreamSocket> = () => Promise.reject(new Error('not set'));
  onRefresh: (refreshToken: string) => Promise<RefreshedTokens> = async () => ({ accessToken: 'not set' });
  onModels: (access: AccountAccess) => Promise<readonly CatalogEntry[]> = async () => [];
  onUsage: (access: AccountAccess) => Promise<QuotaReport> = async () => ({ windows: [], wholeMeters: [] });
  onQuota: (event: ResponseEvent) => readonly QuotaWindow[] = () => [];
  onFailure: (event: ResponseEvent) => GatewayError | undefined = () => undefined;

  async open(access: AccountAccess): Promise<UpstreamAnswer> {
    this.opened.push(access);
    return this.onOpen(access);
  }

  connect(access: AccountAccess): Promise<UpstreamSocket> {
    return this.onConnect(access);
  }

  servesWebsockets(): boolean {
    return this.websockets;
  }

  async refresh(refreshToken: string): Promise<RefreshedTokens> {
    this.refreshedWith.push(refreshToken);
    return this.onRefresh(refreshToken);
  }

  models(access: AccountAccess): Promise<readonly CatalogEntry[]> {
    return this.onModels(access);
  }

  usage(access: AccountAccess): Promise<QuotaReport> {
    return this.onUsage(access);
  }

  quotaOf(event: ResponseEvent): readonly QuotaWindow[] {
    return this.onQuota(event);
  }

  failureOf(event: ResponseEvent): GatewayError | undefined {
    return this.onFailure(event);
  }
}

export const emptyAnswer = (): UpstreamAnswer => ({ status: 200, headers: {}, quota: [], batches: from([]) });

/** One process's services of the upstream module, joined by hand. */
export function upstreamServices(dataSource: DataSource, kind: UpstreamKind, shared: SharedState = ownState()) {
  const added: { name: string; data: object }[] = [];
  const producer = { add: async (_: string, name: string, data: object) => added.push({ name, data }) > 0 };
  const jobs = producer as unknown as JobProducer;
  const kinds = new UpstreamKinds([kind]);
  const changes = new AccountChanges(shared);
  const health = new AccountHealth(dataSource, changes);
  const quota = new QuotaEvidence(dataSource);
  const refresh = new TokenRefresh(dataSource, BOX, kinds);
  const credentials = new CredentialService(dataSource, BOX, refresh, changes);
  const rows = new AccountRows(dataSource, changes);
  return {
    added,
    jobs,
    changes,
    health,
    quota,
    credentials,
    pool: new AccountPoolService(rows, credentials, kinds, health, quota, { ACCOUNT_CONCURRENCY: 64 }),
    accounts: new AccountService(dataSource, new AccountLogins(dataSource, BOX), changes, jobs),
    catalog: new CatalogService(dataSource, changes),
    callers: new AccountCallers(dataSource, BOX, quota),
    probe: new UsageProbe(dataSource, credentials, kinds, quota, changes),
    catalogRefresh: new CatalogRefresh(dataSource, credentials, kinds, changes),
  };
}

export const ownState = (): SharedState => new MemorySharedState(() => performance.now());

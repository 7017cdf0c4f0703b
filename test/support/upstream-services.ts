import type { DataSource } from 'typeorm';
import type {
  AccountAccess,
  CallId,
  CatalogEntry,
  GatewayError,
  PoolId,
  QuotaReport,
  RefreshedTokens,
  ResponseEvent,
  RoutedCall,
  UpstreamAnswer,
  UpstreamKind,
  UpstreamSocket,
} from '../../src/core/index.js';
import { CallBody, from, noQuota } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';
import type { JobProducer } from '../../src/platform/queue/index.js';
import { MemorySharedState, type SharedState } from '../../src/platform/shared-state/index.js';
import { AccountActor } from '../../src/upstream/account-actor.service.js';
import { AccountChanges } from '../../src/upstream/account-changes.service.js';
import { AccountCallers } from '../../src/upstream/account-callers.service.js';
import { AccountPoolService } from '../../src/upstream/account-pool.service.js';
import { AccountRows } from '../../src/upstream/account-rows.service.js';
import { AccountService } from '../../src/upstream/account.service.js';
import { AccountSnapshots } from '../../src/upstream/account-snapshots.service.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { CatalogService } from '../../src/upstream/catalog.service.js';
import { CredentialService } from '../../src/upstream/credential.service.js';
import { DueTokens } from '../../src/upstream/credentials/due-tokens.service.js';
import { RefreshClaims } from '../../src/upstream/credentials/refresh-claims.service.js';
import { TokenRefresh } from '../../src/upstream/credentials/token-refresh.service.js';
import { AccountHealth } from '../../src/upstream/health/account-health.service.js';
import { Circuits } from '../../src/upstream/health/circuits.service.js';
import { Cooldowns } from '../../src/upstream/health/cooldowns.service.js';
import { LaneStore } from '../../src/upstream/health/lane-store.service.js';
import { Pulses } from '../../src/upstream/health/pulses.service.js';
import { UpstreamKinds } from '../../src/upstream/kinds.js';
import { AccountAssignments } from '../../src/upstream/lifecycle/account-assignments.service.js';
import { AccountLifecycle } from '../../src/upstream/lifecycle/account-lifecycle.service.js';
import { AccountLogins } from '../../src/upstream/lifecycle/account-logins.service.js';
import { AccountProbes } from '../../src/upstream/quota/account-probes.service.js';
import { QuotaEvidence } from '../../src/upstream/quota/quota-evidence.service.js';
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
  onUsage: (access: AccountAccess) => Promise<QuotaReport> = async () => noQuota('usage');
  onQuota: (event: ResponseEvent) => QuotaReport | undefined = () => undefined;
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

  quotaOf(event: ResponseEvent): QuotaReport | undefined {
    return this.onQuota(event);
  }

  failureOf(event: ResponseEvent): GatewayError | undefined {
    return this.onFailure(event);
  }
}

export const emptyAnswer = (): UpstreamAnswer => ({
  status: 200,
  headers: {},
  quota: noQuota('headers'),
  batches: from([]),
});

/** One process's services of the upstream module, joined by hand. */
export function upstreamServices(dataSource: DataSource, kind: UpstreamKind, shared: SharedState = ownState()) {
  const added: { name: string; data: object }[] = [];
  const producer = { add: async (_: string, name: string, data: object) => added.push({ name, data }) > 0 };
  const jobs = producer as unknown as JobProducer;
  const kinds = new UpstreamKinds([kind]);
  const changes = new AccountChanges(shared);
  const circuits = new Circuits(new LaneStore(dataSource), changes);
  const health = new AccountHealth(new Cooldowns(dataSource, changes), circuits, new Pulses(dataSource));
  const quota = new QuotaEvidence(dataSource);
  const refresh = new TokenRefresh(new RefreshClaims(dataSource, BOX), kinds);
  const credentials = new CredentialService(dataSource, BOX, refresh, changes);
  const rows = new AccountRows(dataSource, changes);
  const snapshots = new AccountSnapshots(rows, kinds, health, quota, { ACCOUNT_CONCURRENCY: 64 });
  const logins = new AccountLogins(dataSource, BOX);
  const lifecycle = new AccountLifecycle(dataSource, logins, credentials, changes, jobs);
  return {
    added,
    jobs,
    changes,
    health,
    quota,
    credentials,
    refresh,
    tokens: new DueTokens(dataSource, credentials, refresh, changes, { REFRESH_MARGIN_MS: 600_000 }),
    pool: new AccountPoolService(snapshots, new AccountActor(credentials), kinds, health, quota),
    lifecycle,
    assignments: new AccountAssignments(dataSource, changes),
    accounts: new AccountService(dataSource, lifecycle, changes, kinds),
    catalog: new CatalogService(dataSource, changes),
    callers: new AccountCallers(dataSource, BOX, quota),
    probe: new UsageProbe(new AccountProbes(dataSource), credentials, kinds, quota, changes),
    catalogRefresh: new CatalogRefresh(dataSource, credentials, kinds, changes),
  };
}

export const ownState = (): SharedState => new MemorySharedState(() => performance.now());

import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { useDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { bodyOf, useTinyServer } from '../../test/support/tiny-server.js';
import { aCall, POOL } from '../../test/support/upstream-services.js';
import { collect } from '../core/index.js';
import { ConfigModule, loadConfig } from '../platform/config/index.js';
import { CryptoModule } from '../platform/crypto/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import { prepareQueues, QueueModule } from '../platform/queue/index.js';
import { SharedStateModule } from '../platform/shared-state/index.js';
import { DueAccounts } from './due-accounts.service.js';
import { AccountPoolService, AccountService, CatalogService, UpstreamModule, UpstreamWorkerModule } from './index.js';

class Root {}

describe('the upstream module, in a process that is gateway and worker', () => {
  const database = useDatabase();
  const server = useTinyServer();
  const login = fakeLogin({ expiresAtMs: Date.now() + 60_000 });
  const renewed = fakeLogin({ generation: 1 });
  let app: INestApplicationContext;

  beforeAll(async () => {
    server.answer = (request, response) => {
      const { authorization } = request.headers;
      const json = (body: object): unknown =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.url === '/oauth/token') {
        json({ access_token: renewed.accessToken, refresh_token: renewed.refreshToken });
      } else if (request.url?.includes('/models')) {
        json({ models: [{ slug: 'gpt-5.5' }] });
      } else {
        void bodyOf(request).then((body) => json({ authorization, body }));
      }
    };
    const config = loadConfig({
      UPSTREAM_BASE_URL: `${server.url}/backend-api`,
      OAUTH_ISSUER_URL: server.url,
      SECRET_KEYS: `v1:${Buffer.alloc(32, 1).toString('base64')}`,
      DRAIN_MS: '5000',
    });
    Module({
      imports: [
        ConfigModule.forRoot(config),
        CryptoModule.forRoot(config),
        SharedStateModule.forRoot(config),
        DatabaseModule.forRoot(database.url(), { poolSize: 5 }),
        QueueModule.forRoot(config, database.url()),
        UpstreamModule,
        UpstreamWorkerModule,
      ],
    })(Root);
    await prepareQueues(config, database.url());
    app = await NestFactory.createApplicationContext(Root, { logger: false });
  });
  afterAll(() => app.close());

  it('reads the catalog of a new account, refreshes its token in time, and sends calls with the new one', async () => {
    const accounts = app.get(AccountService, { strict: false });
    const pool = app.get(AccountPoolService, { strict: false });
    const catalog = app.get(CatalogService, { strict: false });
    await accounts.importAuthJson(login.authJson, { label: 'alice', poolId: POOL });
    const { id, credentialEpoch } = await eventually(async () => {
      const [account] = await pool.snapshot(POOL);
      if (account?.models?.has('gpt-5.5') !== true) throw new Error('no catalog yet');
      return account;
    });
    expect((await catalog.models(POOL)).entries.map(({ slug }) => slug)).toEqual(['gpt-5.5']);
    expect(credentialEpoch).toBeGreaterThanOrEqual(1);
    await app.get(DueAccounts, { strict: false }).enqueue(Date.now());
    const account = await eventually(async () => {
      const [now] = await pool.snapshot(POOL);
      if (now?.credentialEpoch !== 2) throw new Error('not refreshed yet');
      return now;
    });
    const answer = await pool.open(account, aCall({ stream: false }), new AbortController().signal);
    const [batch] = await collect(answer.batches);
    expect(batch?.events[0]?.json()).toEqual({
      authorization: `Bearer ${renewed.accessToken}`,
      body: aCall().body.bytes.toString(),
    });
    expect((await accounts.findByLabel('alice'))?.id).toBe(id);
  });
});

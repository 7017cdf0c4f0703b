import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintToken, TOKEN_RANDOM_BYTES } from '../../src/auth/token-format.js';
import { callOutcomes, SERVED } from '../support/call-outcomes.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses, type GatewayProcess } from '../support/gateway-process.js';
import { ask, hello, PATH } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

describe('a gateway and a worker that are processes of their own', () => {
  const KEY = mintToken(randomBytes(TOKEN_RANDOM_BYTES));
  const upstream = new ScriptedUpstream();
  const processes = useGatewayProcesses();
  const database = useDatabase([], { empty: true });
  const redis = useRedis();
  const folder = temporaryFolder();
  const secretKeys = `v1:${randomBytes(32).toString('base64')}`;
  const environment = () => ({
    DATABASE_URL: database.url(),
    REDIS_URL: redis.url(),
    SECRET_KEYS: secretKeys,
    // Nothing may be kept there: processes on other machines would not see it.
    DATA_DIR: '/nonexistent/data',
    UPSTREAM_BASE_URL: upstream.url,
    OAUTH_ISSUER_URL: upstream.url,
    POOL_KEY: KEY,
    AUTH_JSON: upstream.accounts[0]?.login.authJson,
  });
  const probe = async (gateway: GatewayProcess, path: string) => (await fetch(`${gateway.url}/${path}`)).status;
  const post = (gateway: GatewayProcess) =>
    fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(ask()),
    });
  let gateway: GatewayProcess;
  let worker: GatewayProcess;

  beforeAll(async () => {
    await upstream.start();
    upstream.script = hello;
    upstream.addAccount({ accountId: 'acc_shared' });
    const [account, key] = [
      { label: 'alice', authJsonEnv: 'AUTH_JSON' },
      { label: 'fleet', secretEnv: 'POOL_KEY' },
    ];
    const pools = [{ slug: 'team', accounts: [account], keys: [key] }];
    writeFileSync(join(folder.path(), 'seed.yaml'), JSON.stringify({ pools }));
    const roles = ['gateway', 'worker'].map((role) => processes.serve(environment(), ['--role', role]));
    [gateway, worker] = (await Promise.all(roles)) as [GatewayProcess, GatewayProcess];
  }, 60_000);
  afterAll(() => upstream.stop());

  it('say what has to be done before anything can be stored', async () => {
    const missing = 'The database is not up to date: run codex-pooler migrate.\n';
    await eventually(() => expect(gateway.output()).toContain(missing));
    const seeded = { ...environment(), SEED_FILE: join(folder.path(), 'seed.yaml'), PORT: '0' };
    const refused = await Promise.all([
      processes.run(seeded, ['serve', '--role', 'gateway']),
      processes.run(environment(), ['key', 'list']),
    ]);
    for (const { code, stderr } of refused) expect([code, stderr]).toEqual([1, `codex-pooler: ${missing}`]);
  });

  it('live, and are not ready, until the database was migrated', async () => {
    for (const each of [gateway, worker]) {
      expect([await probe(each, 'healthz'), await probe(each, 'readyz')]).toEqual([200, 503]);
    }
    const { code, stdout } = await processes.run(environment(), ['migrate']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^(Migration \w+ applied\.\n)+$/)]);
    for (const each of [gateway, worker]) await eventually(async () => expect(await probe(each, 'readyz')).toBe(200));
  });

  it('answer a call between them and settle it', async () => {
    const applied = await processes.run(environment(), ['apply', join(folder.path(), 'seed.yaml')]);
    expect(applied.code).toBe(0);
    const response = await eventually(async () => {
      const answer = await post(gateway);
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(await response.text()).toContain('event: response.completed');
    const id = response.headers.get('x-request-id') ?? '';
    await eventually(async () => expect(await callOutcomes(database.dataSource(), [id])).toEqual([SERVED]));
  });

  it('need each other for what the other one does: a worker takes no calls', async () => {
    expect((await post(worker)).status).toBe(404);
  });

  it('end with code 0 when told to', async () => {
    const ends = await Promise.all([gateway, worker].map((each) => each.terminate()));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  });
});

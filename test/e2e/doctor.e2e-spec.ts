import { randomBytes, randomUUID } from 'node:crypto';
import { useCommandLine } from '../support/command-line.js';
import { useDatabase } from '../support/database.js';
import { useGateway } from '../support/gateway.js';
import type { Environment } from '../support/gateway-process.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A gateway, and an application for most commands, on a busy machine.
jest.setTimeout(60_000);

interface Told {
  readonly status: string;
  readonly findings: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
}

describe('codex-pooler doctor', () => {
  const folder = temporaryFolder();
  const unmigrated = useDatabase([], { empty: true });
  const upstream = new ScriptedUpstream();
  let given: Environment = {};
  const commands = useCommandLine(() => ({
    ...{ DATA_DIR: folder.path(), DATABASE_URL: gateway.databaseUrl() },
    ...{ UPSTREAM_BASE_URL: upstream.url, OAUTH_ISSUER_URL: upstream.url },
    ...given,
  }));
  const gateway = useGateway({ upstream });
  const examine = async (env: Environment, ...args: string[]) => {
    given = env;
    return commands.runAlone(['doctor', ...args]);
  };
  const told = async (env: Environment) => {
    const { code, stdout } = await examine(env, '--json');
    const { status, findings } = JSON.parse(stdout) as Told;
    return { code, status, bad: findings.filter(({ state }) => state !== 'ok') };
  };

  it('tells which version each gateway runs where they differ, which is no failure', async () => {
    await gateway.database().query(
      `INSERT INTO gateway_process (id, role, host, version, started_at, heartbeat_at)
       VALUES ($1, 'gateway', 'another-host', '9.9.9', now(), now())`,
      [randomUUID()],
    );
    const { code, status, bad } = await told({ SECRET_KEYS: `v9:${randomBytes(32).toString('base64')}` });
    expect(bad.map(({ name, state }) => [name, state])).toEqual([
      ['key ring', 'failed'],
      ['gateways', 'warning'],
    ]);
    expect(bad[0]?.detail).toBe('the tokens of 2 of 2 accounts cannot be opened');
    expect(bad[1]?.detail).toMatch(/^2 running: \d+\.\d+\.\d+ on .+; 9\.9\.9 on another-host\. A rollout/);
    expect([code, status]).toEqual([1, 'failed']);
    await gateway.database().query(`DELETE FROM gateway_process WHERE host = 'another-host'`);
  });

  it('says that migrations are missing, and still looks at the ways out', async () => {
    const { code, status, bad } = await told({ DATABASE_URL: unmigrated.url() });
    expect([code, status, bad]).toEqual([
      1,
      'failed',
      [{ name: 'stores', state: 'failed', detail: 'The database is not up to date: run codex-pooler migrate.' }],
    ]);
  });

  it('says that the database is away, that names are unknown and that upstreams do not answer, without a secret', async () => {
    const { code, stdout, stderr } = await examine({
      DATABASE_URL: 'postgres://app:s3cret@db.invalid:9/app',
      UPSTREAM_BASE_URL: 'http://127.0.0.1:9',
    });
    expect([code, stderr]).toEqual([1, 'codex-pooler: Something needs attention.\n']);
    expect(stdout.trim().split('\n').slice(-4)).toEqual([
      'FAIL  stores: the database does not answer',
      'FAIL  DNS: no address for db.invalid',
      'FAIL  upstream: did not answer',
      expect.stringMatching(/^ok {4}OAuth issuer: /),
    ]);
    expect(stdout).not.toContain('s3cret');
  });
});

import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyIn, saidBy, TOKEN, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { alive } from '../support/postgres-family.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

describe('a gateway that is started with nothing configured', () => {
  const embedded = useEmbeddedGateway();
  let running: GatewayProcess;
  let key = '';

  beforeAll(async () => {
    running = await embedded.serve();
    key = keyIn(running.output());
  }, 60_000);

  const withLogin = () => {
    const [account = embedded.upstream.addAccount({ accountId: 'acc_mine' })] = embedded.upstream.accounts;
    return { CODEX_HOME: dirname(embedded.file('auth.json', account.login.authJson)) };
  };
  const answered = async (gateway: GatewayProcess) => {
    const response = await embedded.post(gateway, key);
    return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') ?? '' };
  };

  it('says where it answers, shows its first key and operator token, and tells how to add the account that is missing', () => {
    expect(saidBy(running.output())).toEqual([
      `Codex Pooler answers at ${running.url}`,
      expect.stringMatching(new RegExp(`^New key default of Pool default, shown this once: ${TOKEN.source}$`)),
      expect.stringMatching(/^New operator token default, shown this once: opr-cxp-[0-9a-f]{12}-[\w-]{43}$/),
      'There is no upstream account yet, so nothing can be served.',
      'To add one: codex-pooler account import ~/.codex/auth.json --label me --pool default',
      `OpenAI base_url: ${running.url}/v1`,
      `Anthropic base_url: ${running.url}`,
      `Codex CLI base_url: ${running.url}/backend-api/codex`,
    ]);
  });

  it('is ready, on a PostgreSQL of its own', async () => {
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect(embedded.postgres()).not.toEqual([]);
  });

  it('keeps its database and its secret key in DATA_DIR, where only their owner can read them', () => {
    expect(readdirSync(embedded.dataDir).sort()).toEqual(['postgres', 'secret.key']);
    const modes = ['postgres', 'secret.key'].map((name) => statSync(join(embedded.dataDir, name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('lets its first key in and says in the protocol that no account is there', async () => {
    const { status, text } = await answered(running);
    expect([status, text]).toEqual([503, expect.stringContaining('no_eligible_backend')]);
  });

  it('goes on serving while a second one is refused in plain words, having changed nothing', async () => {
    const { code, stdout, stderr } = await embedded.run(['serve']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^codex-pooler: \S+ is in use by another process \(pid \d+\)\. .+\n$/);
    expect(saidBy(stdout)).toEqual([]);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
  });

  it('ends with code 0 on SIGTERM and has no PostgreSQL left by then', async () => {
    const postgres = embedded.postgres();
    expect((await running.terminate()).code).toBe(0);
    expect(postgres.filter(alive)).toEqual([]);
  });

  it('makes no second key at its next start, takes the first one, and offers to import a Codex login', async () => {
    running = await embedded.serve([], withLogin());
    expect(saidBy(running.output())).toEqual([
      `Codex Pooler answers at ${running.url}`,
      'There is no upstream account yet, so nothing can be served.',
      expect.stringMatching(/^A Codex login was found at \S+\/auth\.json\. .*--import-auth$/),
      `OpenAI base_url: ${running.url}/v1`,
      `Anthropic base_url: ${running.url}`,
      `Codex CLI base_url: ${running.url}/backend-api/codex`,
    ]);
    expect((await answered(running)).status).toBe(503);
    expect((await running.terminate()).code).toBe(0);
  });

  it('imports the login with --import-auth, streams an answer, and leaves a row that a command shows', async () => {
    running = await embedded.serve(['--import-auth'], withLogin());
    expect(saidBy(running.output())).toContain(`Imported this machine's Codex login as account "local".`);

    const { status, text, id } = await answered(running);
    expect(status).toBe(200);
    expect(text).toContain('event: response.completed');
    const shown = await eventually(async () => {
      const { code, stdout } = await embedded.run(['request', 'show', id]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('succeeded')]);
      return stdout;
    });
    expect(shown).toMatch(/^gpt-5\.5 +succeeded +200 +- +1248 +176 +1024 +32 +16 /m);
    expect(shown).toMatch(/^1 +local +succeeded /m);
  });

  it('starts again right after it was killed, with its key and account, and without the PostgreSQL of before', async () => {
    const postgres = embedded.postgres();
    await running.kill9();
    running = await embedded.serve();
    expect(postgres.filter(alive)).toEqual([]);
    expect(saidBy(running.output())).toEqual([
      `Codex Pooler answers at ${running.url}`,
      `OpenAI base_url: ${running.url}/v1`,
      `Anthropic base_url: ${running.url}`,
      `Codex CLI base_url: ${running.url}/backend-api/codex`,
    ]);
    expect((await answered(running)).status).toBe(200);
  });

  it('starts, serves and ends with code 0 when nobody reads its output', async () => {
    await running.terminate();
    const port = await freePort();
    const unread = embedded.runUnread(['serve'], { PORT: String(port), LOG_LEVEL: 'debug' });
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { withinMs: 30_000 });
    unread.signal('SIGTERM');
    expect((await unread.ended).code).toBe(0);
    running = await embedded.serve();
  });

  it('takes its PostgreSQL with it when it is killed', async () => {
    expect(embedded.postgres()).not.toEqual([]);
    await running.kill9();
    await eventually(() => expect(embedded.postgres()).toEqual([]), { withinMs: 30_000 });
  });

  it('never prints a token of an account', () => {
    const tokens = embedded.upstream.accounts.flatMap(({ login }) => [
      login.accessToken,
      login.idToken,
      login.refreshToken,
    ]);
    expect(tokens).toHaveLength(3);
    expect(tokens.filter((token) => embedded.printed().includes(token))).toEqual([]);
    expect(embedded.printed().split(key)).toHaveLength(2);
  });
});

describe('a start that cannot be', () => {
  const embedded = useEmbeddedGateway();

  it('names all that is wrong with its configuration at once, and no value', async () => {
    const env = { PORT: 'canary-port', DATABASE_URL: 'canary-url', LOG_LEVEL: 'canary-level', DRAIN_MS: '31000' };
    const { code, stdout, stderr } = await embedded.run(['serve'], env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^codex-pooler: Invalid environment: .*\n$/);
    for (const name of Object.keys(env)) expect(stderr).toContain(`${name} `);
    expect(stderr).not.toMatch(/canary|31000/);
  });

  it.each(['gateway', 'worker'])(
    'of a %s alone names everything that several processes have to share',
    async (role) => {
      const { code, stdout, stderr } = await embedded.run(['serve', '--role', role]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        new RegExp(`^codex-pooler: --role ${role} needs DATABASE_URL, REDIS_URL, SECRET_KEYS: .*\n$`),
      );
      expect(embedded.postgres()).toEqual([]);
    },
  );

  it('has no login to import, says so and leaves no PostgreSQL', async () => {
    const { code, stderr } = await embedded.run(['serve', '--import-auth']);
    expect([code, stderr]).toEqual([1, 'codex-pooler: There is no Codex login (auth.json) to import.\n']);
    expect(embedded.postgres()).toEqual([]);
  });
});

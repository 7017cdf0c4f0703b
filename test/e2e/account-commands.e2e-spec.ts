import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useDatabase } from '../support/database.js';
import { fakeLogin } from '../support/fake-login.js';
import { keyIn, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gateway-process.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

/** A gateway that hears of no changes believes what it knows of an account for a second. */
const NOTICED_WITHIN_MS = 5_000;

describe('account commands beside a running server', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url() }));
  let gateway: GatewayProcess;
  let key = '';

  beforeAll(async () => {
    gateway = await embedded.serve();
    key = keyIn(gateway.output());
  }, 60_000);

  const succeed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(['account', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const fail = async (...args: string[]) => {
    const { code, stdout, stderr } = await embedded.commands.run(['account', ...args]);
    expect(code).toBe(1);
    return { stdout, stderr };
  };
  const login = (name: string) =>
    embedded.file(`${name}.json`, embedded.upstream.addAccount({ accountId: `acc_${name}` }).login.authJson);
  const list = async () => JSON.parse(await succeed('list', '--json')) as Record<string, unknown>[];
  const listed = async (label: string) => (await list()).find((account) => account['label'] === label);
  const answers = (status: number) =>
    eventually(
      async () => {
        const response = await embedded.post(gateway, key);
        await response.arrayBuffer();
        expect(response.status).toBe(status);
      },
      { withinMs: NOTICED_WITHIN_MS },
    );

  it('import one login, proven by one refresh, and never refresh it for the same file again', async () => {
    const file = login('alice');
    const importing = ['import', file, '--label', 'alice'];
    expect(await succeed(...importing)).toBe('Account alice is in Pool default: created.\n');
    expect(embedded.upstream.tokenCalls).toBe(1);
    expect(await succeed(...importing)).toBe('Account alice is in Pool default: unchanged.\n');
    expect(embedded.upstream.tokenCalls).toBe(1);
    await answers(200);
  });

  it('import many, each with its own end, and say that some were refused', async () => {
    const nested = embedded.file('placeholder', '');
    const folder = join(dirname(nested), 'dave');
    mkdirSync(folder);
    const dead = embedded.file('dead.json', fakeLogin({ accountId: 'acc_nobody' }).authJson);
    const dave = embedded.upstream.addAccount({ accountId: 'acc_dave' }).login.authJson;
    const files = [
      login('bob'),
      dead,
      embedded.file('broken.json', '{'),
      '/nonexistent/x.json',
      join(folder, 'auth.json'),
    ];
    embedded.file('dave/auth.json', dave);
    const { stdout, stderr } = await fail('import', ...files, '--priority', '1');
    expect(stderr).toBe('codex-pooler: 3 of 5 files were refused.\n');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\S+\//, '').replace(/ {2,}/g, ' | '))).toEqual([
      'FILE | LABEL | RESULT | PROOF | REASON | MESSAGE',
      'bob.json | bob | created | proven | - | -',
      expect.stringMatching(/^dead\.json \| dead \| refused \| - \| login_dead \| .*\(invalid_grant\)\.$/),
      expect.stringMatching(/^broken\.json \| broken \| refused \| - \| invalid_json \| /),
      'x.json | x | refused | - | unreadable | The file cannot be read.',
      'auth.json | dave | created | proven | - | -',
    ]);
    expect((await list()).map(({ label, status, pools }) => [label, status, pools])).toEqual([
      ['alice', 'active', [{ pool: 'default', status: 'active', priority: 0 }]],
      ['bob', 'active', [{ pool: 'default', status: 'active', priority: 1 }]],
      ['dave', 'active', [{ pool: 'default', status: 'active', priority: 1 }]],
    ]);
  });

  it('keep a login whose login server is away, and say that it is unproven', async () => {
    const file = login('erin');
    const away = { OAUTH_ISSUER_URL: 'http://127.0.0.1:9' };
    const { code, stdout } = await embedded.run(['account', 'import', file, '--label', 'erin'], away);
    expect([code, stdout]).toEqual([
      0,
      'Account erin is in Pool default: created, unproven: the login server could not be asked.\n',
    ]);
    expect(await listed('erin')).toMatchObject({ status: 'active', refresh: 'failed' });
    await succeed('delete', 'erin', '--yes');
  });

  it('import without a proof when nobody wants one', async () => {
    const before = embedded.upstream.tokenCalls;
    expect(await succeed('import', login('fred'), '--no-proof')).toBe('Account fred is in Pool default: created.\n');
    expect(embedded.upstream.tokenCalls).toBe(before);
  });

  it('pause, drain and delete what then serves nothing, and resume what serves again', async () => {
    for (const label of ['bob', 'dave']) expect(await succeed('pause', label)).toBe(`Account ${label} is paused.\n`);
    expect(await succeed('drain', 'fred')).toBe('Account fred is draining.\n');
    await answers(200);
    expect(await succeed('pause', 'alice')).toBe('Account alice is paused.\n');
    await answers(503);
    expect(await succeed('resume', 'bob')).toBe('Account bob is active.\n');
    await answers(200);
    expect(await succeed('delete', 'bob', '--yes')).toBe('Account bob is deleted.\n');
    await answers(503);
    expect((await list()).map(({ label, status }) => [label, status])).toEqual([
      ['alice', 'paused'],
      ['dave', 'paused'],
      ['fred', 'draining'],
    ]);
  });

  it('pause and resume an account in one Pool, and take it out', async () => {
    await succeed('resume', 'alice');
    await answers(200);
    expect(await succeed('pause', 'alice', '--pool', 'default')).toBe('Account alice is paused in Pool default.\n');
    await answers(503);
    expect(await succeed('list')).toMatch(/^alice +codex +active .* default \(paused\) +[0-9a-f-]{36}$/m);
    await succeed('resume', 'alice', '--pool', 'default');
    await answers(200);
    expect(await succeed('unassign', 'alice', '--pool', 'default')).toBe(
      'Account alice is no longer in Pool default.\n',
    );
    await answers(503);
    expect(await succeed('assign', 'alice', '--pool', 'default', '--priority', '2')).toBe(
      'Account alice is in Pool default.\n',
    );
    await answers(200);
  });

  it('set the tier and the concurrency of an account', async () => {
    expect(await succeed('set', 'alice', '--pool', 'default', '--priority', '3', '--max-concurrent', '4')).toBe(
      'Account alice has priority 3 in Pool default.\nAccount alice serves 4 at once.\n',
    );
    await eventually(async () => expect(await succeed('list')).toMatch(/^alice .* 4 +0 +default:3 /m));
    expect(await succeed('set', 'alice', '--max-concurrent', 'none')).toBe(
      'Account alice serves as many calls as the installation allows at once.\n',
    );
    expect(await listed('alice')).not.toHaveProperty('max_concurrent');
  });

  it('relink an account with a login of the same person only', async () => {
    const other = login('gina');
    expect((await fail('relink', 'alice', other)).stderr).toBe(
      'codex-pooler: The account was refused: the login belongs to another account, user or workspace.\n',
    );
    const alice = embedded.upstream.accounts.find(({ id }) => id === 'acc_alice');
    if (alice === undefined) throw new Error('no such account');
    const renewed = embedded.file('alice-2.json', alice.rotate().authJson);
    expect(await succeed('relink', 'alice', renewed)).toBe('Account alice is active: updated.\n');
    await answers(200);
  });

  it('show the calls that an account is serving', async () => {
    const held = new AbortController();
    embedded.upstream.script = () => ({ send: () => new Promise<void>(() => undefined) });
    const calling = fetch(`${gateway.url}/backend-api/codex/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"model":"gpt-5.5","stream":true,"input":[]}',
      signal: held.signal,
    }).catch(() => undefined);
    await eventually(async () => expect(await listed('alice')).toMatchObject({ open: 1 }));
    held.abort();
    await calling;
    await eventually(async () => expect(await listed('alice')).toMatchObject({ open: 0 }));
  });

  it('say what providers told of quota, and what a change would come to', async () => {
    const line = /^alice +yes +5 h +12% +20\S+Z +usable +.+ (usage|headers|event)$/m;
    await eventually(async () => expect(await succeed('quota')).toMatch(line), { withinMs: NOTICED_WITHIN_MS });
    const quotas = JSON.parse(await succeed('quota', '--pool', 'default', '--json')) as object[];
    expect(quotas).toContainEqual(expect.objectContaining({ account: 'dave', usable: false, reason: 'paused' }));
    expect(await succeed('delete', 'alice', '--dry-run')).toBe(
      'Its login is wiped, for good.\nIt leaves Pool default.\nNo other active account serves Pool default.\nNothing was changed.\n',
    );
    expect(await succeed('set', 'fred', '--label', 'freddy')).toBe('Account fred is now called freddy.\n');
    await succeed('set', 'freddy', '--label', 'fred');
  });

  it.each([
    ['an account that is not there', ['pause', 'nobody'], 'There is no account "nobody".'],
    ['a Pool that is not there', ['pause', 'alice', '--pool', 'none'], 'There is no Pool "none".'],
    ['a place that it does not have', ['set', 'fred', '--pool', 'none', '--priority', '1'], 'There is no Pool "none".'],
    ['a deletion that nobody confirmed', ['delete', 'alice'], 'That wipes its login, for good: say --yes.'],
    [
      'one label for two files',
      ['import', 'a', 'b', '--label', 'x'],
      'A label is for one file: of several, each is called as its file is.',
    ],
    ['nothing to set', ['set', 'alice'], 'Say what to set.'],
    ['a tier of no Pool', ['set', 'alice', '--priority', '1'], '--pool and --priority go together.'],
    ['draining what is paused', ['drain', 'dave'], 'The account was refused: it is paused and has nothing to finish.'],
  ])('refuse %s in one line', async (_, args, said) => {
    expect(await fail(...args)).toEqual({ stdout: '', stderr: `codex-pooler: ${said}\n` });
  });

  it('print no token of an account', () => {
    const secrets = embedded.upstream.accounts.flatMap((account) => [
      account.login.accessToken,
      account.login.idToken,
      account.login.refreshToken,
    ]);
    expect(secrets.length).toBeGreaterThan(15);
    expect(secrets.filter((secret) => embedded.printed().includes(secret))).toEqual([]);
  });
});

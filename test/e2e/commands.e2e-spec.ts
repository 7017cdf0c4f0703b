import { keyIn, TOKEN, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import type { Ended, GatewayProcess } from '../support/gateway-process.js';
import type { ScriptedAccount } from '../support/scripted-upstream/index.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

/** A gateway that hears of no changes believes what it knows of a key or an account for a second. */
const NOTICED_WITHIN_MS = 2_000;

const SEED = `pools:
  - slug: team
    settings: { defaultModel: gpt-5.5 }
    accounts:
      - { label: bob, authJson: ./bob.json }
    keys:
      - { label: ci, models: [gpt-5.5] }
`;
const tokensOf = ({ login }: ScriptedAccount) => [login.accessToken, login.idToken, login.refreshToken];

describe('commands beside a running server', () => {
  const embedded = useEmbeddedGateway();
  let gateway: GatewayProcess;
  const logins: string[] = [];
  let laptop = '';
  let ci = '';

  beforeAll(async () => {
    gateway = await embedded.serve();
    for (const name of ['alice', 'bob']) {
      const { login } = embedded.upstream.addAccount({ accountId: `acc_${name}` });
      logins.push(embedded.file(`${name}.json`, login.authJson));
    }
  }, 60_000);

  const succeed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(args);
    expect([code, stdout]).toEqual([1, '']);
    return stderr;
  };
  const call = async (key: string) => {
    const response = await embedded.post(gateway, key);
    return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') ?? '' };
  };
  const callUntil = (status: number, key: string) =>
    eventually(
      async () => {
        const answer = await call(key);
        expect(answer.status).toBe(status);
        return answer;
      },
      { withinMs: NOTICED_WITHIN_MS },
    );

  it('import an account, once, and list it as what can serve', async () => {
    const [login = ''] = logins;
    const importing = ['account', 'import', login, '--label', 'alice'];
    expect(await succeed(...importing)).toBe('Account alice is in Pool default: created.\n');
    expect(await succeed(...importing)).toBe('Account alice is in Pool default: unchanged.\n');
    expect(await succeed('account', 'list')).toMatch(/^LABEL +KIND +STATUS .*\nalice +codex +active +- +pro +20.*\n$/);
  });

  it('create a key that prints nothing but itself and is taken by the server', async () => {
    const printed = await succeed('key', 'create', '--label', 'laptop');
    expect(printed).toMatch(new RegExp(`^${TOKEN.source}\n$`));
    laptop = printed.trim();
    const answer = await callUntil(200, laptop);
    expect(answer.text).toContain('event: response.completed');
  });

  it('show the row of a call by the id that its client saw', async () => {
    const { id } = await callUntil(200, laptop);
    await eventually(async () => {
      const row = JSON.parse(await succeed('request', 'show', id, '--json')) as object;
      expect(row).toMatchObject({ requestId: id, status: 'succeeded', attempts: [{ accountLabel: 'alice' }] });
    });
  });

  it('list keys without their secrets', async () => {
    const prefix = laptop.slice(0, 'sk-cxp-'.length + 12);
    const listed = await succeed('key', 'list');
    expect(listed).toMatch(/^sk-cxp-[0-9a-f]{12} +default +default +active /m);
    expect(listed).toMatch(new RegExp(`^${prefix} +laptop +default +active `, 'm'));
    expect(listed).not.toMatch(TOKEN);
  });

  it('limit a key to models, and say to which', async () => {
    const models = ['--model', 'GPT-5.5', '--model', 'gpt-image-2'];
    const made = JSON.parse(await succeed('key', 'create', '--label', 'bot', '--json', ...models)) as object;
    expect(made).toMatchObject({ label: 'bot', models: ['gpt-5.5', 'gpt-image-2'] });
    expect(await succeed('key', 'list')).toMatch(/ bot +default .* gpt-5\.5, gpt-image-2$/m);
    expect(await succeed('key', 'list')).toMatch(/ laptop +default .* all$/m);
    expect(await fail('key', 'create', '--label', 'none', '--model', ' ')).toBe(
      'codex-pooler: The model has a name: it is not empty.\n',
    );
  });

  it('revoke a key, which the server refuses then', async () => {
    const prefix = laptop.slice(0, 'sk-cxp-'.length + 12);
    await callUntil(200, laptop);
    expect(await succeed('key', 'revoke', prefix)).toBe(`Key laptop (${prefix}) is revoked.\n`);
    expect((await callUntil(401, laptop)).text).toContain('api_key_revoked');
    expect(await succeed('key', 'list', '--json')).toContain('"status": "revoked"');
    expect((await call(keyIn(gateway.output()))).status).toBe(200);
  });

  it('apply a file, whose Pool can be used then', async () => {
    const applied = await succeed('apply', embedded.file('seed.yaml', SEED));
    expect(applied).toMatch(new RegExp(`^Pool team\naccount bob in team: created\nkey ci of team: ${TOKEN.source}\n$`));
    ci = keyIn(applied);
    expect(await succeed('key', 'list', '--pool', 'team')).toMatch(/ ci +team .* gpt-5\.5$/m);
    expect((await callUntil(200, ci)).text).toContain('event: response.completed');
  });

  it('change nothing when the file is applied again', async () => {
    const stored = () => succeed('key', 'list', '--json');
    const before = await stored();
    expect(await succeed('apply', embedded.file('seed.yaml', SEED))).toBe(
      'Pool team\naccount bob in team: unchanged\nkey ci of team\n',
    );
    expect(await stored()).toEqual(before);
    expect((await call(ci)).status).toBe(200);
  });

  it('refuse a file with a wrong word by its line, and make nothing of it', async () => {
    const wrong = `${SEED}  - slug: second\n    keyz: []\n`;
    expect(await fail('apply', embedded.file('wrong.yaml', wrong))).toMatch(/^codex-pooler: line 9: .*"keyz"\n$/);
    expect(await fail('key', 'list', '--pool', 'second')).toBe('codex-pooler: There is no Pool "second".\n');
  });

  it('find the server well', async () => {
    const findings = (await succeed('doctor')).trim().split('\n');
    expect(findings.map((line) => line.replace(/:.*/, ''))).toEqual(
      [
        ...['PostgreSQL', 'schema', 'clock', 'shared state', 'key ring', 'gateways'],
        ...['DNS', 'upstream', 'OAuth issuer'],
      ].map((name) => `ok    ${name}`),
    );
    expect(findings).toContain('ok    key ring: opens the tokens of 2 accounts');
    expect(findings.find((line) => line.includes('gateways'))).toMatch(/: 1 running, \d+\.\d+\.\d+$/);
    const told = JSON.parse(await succeed('doctor', '--json')) as { status: string; findings: object[] };
    expect([told.status, told.findings.length]).toEqual(['ok', findings.length]);
  });

  it('have nothing to migrate, and leave the server as it was', async () => {
    expect(await succeed('migrate')).toBe('The schema is up to date.\n');
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  });

  it.each([
    ['a key', ['key', 'revoke', 'sk-cxp-000000000000'], 'There is no key of that prefix or id.'],
    ['a call', ['request', 'show', 'nobody-asked'], 'No call of that id is known.'],
    ['a login', ['account', 'import', '/nonexistent', '--label', 'x'], 'The auth.json cannot be read.'],
  ])('say in one line that %s is not there', async (_, args, said) => {
    expect(await fail(...args)).toBe(`codex-pooler: ${said}\n`);
  });

  it('print no token of an account, and a key at its creation only; nor does the server', async () => {
    const secrets = embedded.upstream.accounts.flatMap(tokensOf);
    expect(secrets).toHaveLength(6);
    expect(secrets.filter((secret) => embedded.printed().includes(secret))).toEqual([]);
    for (const key of [laptop, ci]) expect(embedded.printed().split(key)).toHaveLength(2);
  });
});

describe('commands where no server runs', () => {
  const embedded = useEmbeddedGateway();
  const told = ({ code, stdout, stderr }: Ended): string => {
    expect([code, stderr, embedded.postgres()]).toEqual([0, '', []]);
    return stdout;
  };
  const succeed = async (...args: string[]) => told(await embedded.commands.runAlone(args));
  let key = '';

  it('make what they need, and have no PostgreSQL left when they end', async () => {
    expect(told(await embedded.run(['migrate']))).toMatch(/^(Migration \w+ applied\.\n)+$/);
    expect(await succeed('key', 'list')).toBe('No keys yet: codex-pooler key create\n');
    embedded.file('bob.json', embedded.upstream.addAccount({ accountId: 'acc_bob' }).login.authJson);
    key = keyIn(await succeed('apply', embedded.file('seed.yaml', SEED)));
    expect(await succeed('account', 'list')).toMatch(/^bob +codex +active /m);
  });

  it('find a file applied that a server will serve from, which makes no Pool of its own', async () => {
    const gateway = await embedded.serve();
    expect(gateway.output()).not.toMatch(TOKEN);
    const response = await embedded.post(gateway, key);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect((await gateway.terminate()).code).toBe(0);
  });

  it('fail and have no PostgreSQL left either', async () => {
    expect((await embedded.run(['key', 'create', '--label', 'ci', '--pool', 'team'])).stderr).toBe(
      'codex-pooler: The Pool already has a key labelled "ci".\n',
    );
    expect(embedded.postgres()).toEqual([]);
  });
});

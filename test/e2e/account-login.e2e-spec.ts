import { useDatabase } from '../support/database.js';
import { keyIn, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import type { AttendedCommand, Ended, GatewayProcess } from '../support/gateway-process.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

describe('logging in to accounts from here, beside a running server', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url() }));
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await embedded.serve();
  }, 60_000);

  const login = (...args: string[]): Promise<Ended> => embedded.commands.run(['account', 'login', ...args]);
  const said = (command: AttendedCommand, pattern: RegExp): Promise<string> =>
    eventually(
      () => {
        const [, found] = pattern.exec(command.said()) ?? [];
        if (found === undefined) throw new Error(`Nothing like ${pattern.source} in: ${command.said()}`);
        return found;
      },
      { withinMs: 30_000 },
    );
  const page = new RegExp(`^(http://127\\.0\\.0\\.1:\\d+/oauth/authorize\\?\\S+)$`, 'm');
  const typedCode = /type the code (\S+)/;
  const listed = async (label: string): Promise<object> => {
    const { stdout } = await embedded.commands.run(['account', 'list', '--json']);
    const found = (JSON.parse(stdout) as { label: string }[]).find((account) => account.label === label);
    if (found === undefined) throw new Error(`There is no account ${label}.`);
    return found;
  };
  const isActive = async (label: string): Promise<void> =>
    expect(await listed(label)).toMatchObject({ label, status: 'active', kind: 'codex' });
  /** A login that its command did not wait for. */
  const left = async (label: string): Promise<{ id: string; url: string }> => {
    const { code, stdout } = await login('--label', label);
    const [, id = ''] = new RegExp(`--flow (${ID}) `).exec(stdout) ?? [];
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`The login waits: codex-pooler account login --flow ${id}`),
    ]);
    return { id, url: page.exec(stdout)?.[1] ?? '' };
  };

  it('prints the address of the page, takes the address where the browser ended, and has an account that serves', async () => {
    const command = embedded.commands.attend(['account', 'login', '--label', 'alice']);
    const url = await said(command, page);
    await said(command, /(Address: )$/);
    command.type(embedded.upstream.issuer.signIn(url, embedded.upstream.addAccount({ plan: 'team' })));
    const { code, stdout, stderr } = await command.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Address: \nAccount alice is linked\.\n$/);
    await isActive('alice');
    const answer = await eventually(async () => {
      const response = await embedded.post(gateway, keyIn(gateway.output()));
      expect(response.status).toBe(200);
      return response.text();
    });
    expect(answer).toContain('event: response.completed');
  });

  it('goes on with a login in another process, once', async () => {
    const { id, url } = await left('bob');
    expect((await login('--list')).stdout).toMatch(new RegExp(`^${id} +bob +browser +link +pending `, 'm'));
    const callback = embedded.upstream.issuer.signIn(url, embedded.upstream.addAccount());
    const finishing = ['--flow', id, '--callback', callback];
    expect(await embedded.run(['account', 'login', ...finishing])).toEqual({
      code: 0,
      stdout: 'Account bob is linked.\n',
      stderr: '',
    });
    expect((await login(...finishing)).stderr).toBe('codex-pooler: That login is done.\n');
    await isActive('bob');
  });

  it('refuses an address that is none, and waits for a better one', async () => {
    const { id, url } = await left('carol');
    const wrong = await login('--flow', id, '--callback', 'https://example.com/auth/callback?code=c&state=s');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/^codex-pooler: That is not the address /)]);
    const right = embedded.upstream.issuer.signIn(url, embedded.upstream.addAccount());
    expect((await login('--flow', id, '--callback', right)).stdout).toBe('Account carol is linked.\n');
  });

  it('shows a code to type, and ends when somebody has typed it', async () => {
    const command = embedded.commands.attend(['account', 'login', '--label', 'dave', '--device']);
    const code = await said(command, typedCode);
    expect(command.said()).toContain(`Open ${embedded.upstream.url}/codex/device on any device`);
    embedded.upstream.issuer.type(code, embedded.upstream.addAccount());
    expect(await command.ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/dave is linked\.\n$/),
    });
    await isActive('dave');
  });

  it('leaves a login to the server when the command is interrupted', async () => {
    const command = embedded.attend(['account', 'login', '--label', 'erin', '--device']);
    const code = await said(command, typedCode);
    await eventually(() => expect(embedded.upstream.count('device-poll')).toBeGreaterThan(0));
    command.interrupt();
    const { stdout, ...end } = await command.ended;
    expect([end.code, end.stderr]).toEqual([0, '']);
    expect(stdout).toContain('The login goes on without this command.');
    embedded.upstream.issuer.type(code, embedded.upstream.addAccount());
    await eventually(() => isActive('erin'), { withinMs: 30_000 });
  });

  it('says why a login came to nothing', async () => {
    const command = embedded.commands.attend(['account', 'login', '--label', 'frank', '--device']);
    embedded.upstream.issuer.type(await said(command, typedCode), 'denied');
    expect(await command.ended).toMatchObject({
      code: 1,
      stderr: 'codex-pooler: The provider refused the login: access_denied.\n',
    });
  });

  it('gives an account another login of the same person, and no other', async () => {
    const account = embedded.upstream.addAccount();
    const first = await left('grace');
    await login('--flow', first.id, '--callback', embedded.upstream.issuer.signIn(first.url, account));
    const relink = async (person: typeof account): Promise<Ended> => {
      const command = embedded.commands.attend(['account', 'login', '--relink', 'grace']);
      command.type(embedded.upstream.issuer.signIn(await said(command, page), person));
      return command.ended;
    };
    const stranger = await relink(embedded.upstream.addAccount());
    expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('the login of somebody else')]);
    expect((await relink(account)).stdout).toMatch(/Account grace has a new login\.\n$/);
    await isActive('grace');
  });

  it('prints no code, token or verifier, nor does the server; and the server no state', async () => {
    const { issuer, accounts } = embedded.upstream;
    const tokens = accounts.flatMap(({ login: { accessToken, idToken, refreshToken } }) => [
      accessToken,
      idToken,
      refreshToken,
    ]);
    const verifiers = embedded.upstream
      .requests('token')
      .map(({ body }) => new URLSearchParams(body.toString()).get('code_verifier') ?? '');
    const secrets = [...issuer.secrets, ...tokens, ...verifiers.filter((text) => text !== '')];
    expect(secrets.length).toBeGreaterThan(30);
    expect(secrets.filter((secret) => embedded.printed().includes(secret))).toEqual([]);
    const states = [...embedded.printed().matchAll(/[?&]state=([\w-]{43})/g)].map(([, state = '']) => state);
    expect(states.length).toBeGreaterThan(3);
    expect(states.filter((state) => gateway.output().includes(state))).toEqual([]);
  });
});

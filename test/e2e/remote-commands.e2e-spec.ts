import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorTokenAdmin } from '../../src/auth/index.js';
import { DRY_RUN, keyView, poolView } from '../../src/control/index.js';
import { RemoteOperations } from '../../src/operator/index.js';
import { useCommandLine } from '../support/command-line.js';
import { useGateway } from '../support/gateway.js';
import type { Environment } from '../support/gateway-process.js';
import { operatorToken } from '../support/operators.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTinyServer } from '../support/tiny-server.js';

const SHAPED = `opr-cxp-0123456789ab-${'x'.repeat(43)}`;

describe('commands that ask a gateway', () => {
  let environment: Environment = {};
  const commands = useCommandLine(() => environment);
  const gateway = useGateway({ upstream: new ScriptedUpstream(), env: { AUTH_FAILURES_PER_MINUTE: '1000' } });
  const folder = temporaryFolder();
  const elsewhere = useTinyServer();
  let token = '';
  const run = (...args: string[]) => commands.run(args);
  const as = (given: string): void => void (environment = { POOLER_URL: gateway.url, POOLER_TOKEN: given });

  beforeAll(async () => {
    ({ token } = await operatorToken(gateway, { scopes: ['admin'] }));
  });
  beforeEach(() => as(token));

  it('print what they print beside it', async () => {
    const remote = await run('pool', 'list', '--json');
    environment = { DATABASE_URL: gateway.databaseUrl(), DATA_DIR: folder.path() };
    const local = await run('pool', 'list', '--json');
    expect([remote.code, remote.stderr]).toEqual([0, '']);
    expect(remote.stdout).toBe(local.stdout);
    expect(JSON.parse(remote.stdout)).toMatchObject([{ slug: 'test' }]);
  });

  it('change things there, as whoever has the token', async () => {
    expect(await run('pool', 'set', 'test', '--name', 'Far away')).toMatchObject({ code: 0, stderr: '' });
    const sql = "SELECT actor_kind FROM audit_event WHERE outcome = 'success' AND target_type = 'pool'";
    expect(await gateway.database().query(sql)).toEqual([{ actor_kind: 'token' }]);
  });

  it('take the token from a file', async () => {
    const file = join(folder.path(), 'token');
    writeFileSync(file, `${token}\n`);
    chmodSync(file, 0o600);
    environment = { POOLER_URL: `${gateway.url}/`, POOLER_TOKEN_FILE: file };
    expect(await run('pool', 'list')).toMatchObject({ code: 0, stderr: '' });
  });

  it('say what the gateway says, with the exit code that it stands for', async () => {
    expect(await run('pool', 'show', 'nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no Pool "nowhere"'),
    });
    as((await operatorToken(gateway)).token);
    const denied = await run('pool', 'set', 'test', '--name', 'x');
    expect(denied).toEqual({ code: 4, stdout: '', stderr: 'codex-pooler: This needs the scope pools:write.\n' });
    const gone = await operatorToken(gateway);
    await gateway.get(OperatorTokenAdmin).revoke(gone.row.id);
    as(gone.token);
    const { code, stdout, stderr } = await run('pool', 'list', '--json');
    expect([code, stdout]).toEqual([4, '']);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'unauthorized', status: 401, exitCode: 4 });
  });

  it.each<[string, Environment, string]>([
    ['no token', {}, 'needs an operator token'],
    ['two tokens', { POOLER_TOKEN: SHAPED, POOLER_TOKEN_FILE: '/x' }, 'Set one of'],
    ['a token of another kind', { POOLER_TOKEN: 'sk-cxp-secret' }, 'no operator token'],
    ['a file that is not there', { POOLER_TOKEN_FILE: '/nowhere/token' }, 'cannot be read'],
    [
      'http beyond this machine',
      { POOLER_URL: 'http://gateway.example', POOLER_TOKEN: SHAPED },
      'could read the token',
    ],
    ['a password in the address', { POOLER_URL: 'https://a:b@gateway.example', POOLER_TOKEN: SHAPED }, 'no password'],
  ])('refuse %s, and repeat no secret', async (_, given, said) => {
    environment = { POOLER_URL: gateway.url, ...given };
    const { code, stdout, stderr } = await run('pool', 'list');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/secret|xxxxx|a:b@/);
  });

  it('ask for nothing else by a name that a path cannot hold', async () => {
    for (const name of ['', '.', '..']) {
      const { code, stderr } = await run('pool', 'show', name);
      expect([code, stderr]).toEqual([1, `codex-pooler: Nothing is called "${name}".\n`]);
    }
    const slashed = await run('token', 'revoke', 'a/b');
    expect([slashed.code, slashed.stderr]).toEqual([1, expect.stringContaining('which has a slash: use its id')]);
  });

  it('write no beginning of a file where nothing follows', async () => {
    as(SHAPED);
    for (const args of [['usage'], ['request', 'list'], ['audit', 'export']]) {
      const said = 'codex-pooler: The gateway does not take this token: it is wrong, over, disabled or revoked.\n';
      expect(await run(...args, '--format', 'csv')).toEqual({ code: 4, stdout: '', stderr: said });
    }
  });

  it('say that they are about the machine itself', async () => {
    for (const args of [['doctor'], ['migrate']]) {
      const { code, stderr } = await run(...args);
      expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining('on the machine of the gateway only')]);
    }
  });

  it('tell a gateway that is away, or is something else, from one that refuses', async () => {
    environment = { POOLER_URL: 'http://127.0.0.1:9', POOLER_TOKEN: token };
    expect(await run('pool', 'list')).toMatchObject({ code: 3, stderr: expect.stringContaining('does not answer') });
    const shown: (string | undefined)[] = [];
    environment = { POOLER_URL: elsewhere.url, POOLER_TOKEN: token };
    for (const [status, body] of [
      [200, '<html>'],
      [200, '{"openapi":"3.1.0"}'],
      [404, '{}'],
      [302, ''],
    ] as const) {
      elsewhere.answer = ({ headers }, response) => {
        shown.push(headers.authorization);
        response.writeHead(status, { location: `${gateway.url}/api/v1/openapi.json` }).end(body);
      };
      expect(await run('pool', 'list')).toMatchObject({ code: 3, stderr: expect.stringContaining('no Codex Pooler') });
    }
    // What is not known to be one of ours sees no token.
    expect(new Set(shown)).toEqual(new Set([undefined]));
  });

  it('tell one that is older than they are', async () => {
    const info = { title: 'Codex Pooler operator API' };
    elsewhere.answer = (_, response) => response.end(JSON.stringify({ openapi: '3.1.0', info, paths: {} }));
    environment = { POOLER_URL: elsewhere.url, POOLER_TOKEN: token };
    expect(await run('pool', 'list')).toMatchObject({ code: 3, stderr: expect.stringContaining('older than this') });
  });
});

describe('the client of the operators’ API', () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream() });
  const tiny = useTinyServer();
  let token = '';
  const client = () => new RemoteOperations({ url: gateway.url, token });

  beforeAll(async () => {
    ({ token } = await operatorToken(gateway, { scopes: ['admin'] }));
  });

  it('sends fields where the description wants them', async () => {
    const made = await client().ask('pools.create', { slug: 'far', name: 'Näme & more' }, poolView);
    expect(await client().ask('pools.get', { pool: 'far' }, poolView)).toEqual(made);
    const found = { label: 'one / two?' };
    const key = await client().ask('keys.create', { pool: 'far', ...found }, keyView);
    expect(await client().ask('keys.get', { key: key.prefix }, keyView)).toMatchObject(found);
  });

  it('says again what it wishes', async () => {
    const wishes = { idempotencyKey: 'once' };
    const create = () => client().ask('pools.create', { slug: 'once' }, poolView, wishes);
    expect(await create()).toEqual(await create());
    const change = client().ask('pools.update', { pool: 'once', name: 'x' }, poolView, { ifMatch: '"other"' });
    await expect(change).rejects.toMatchObject({ name: 'ControlError', code: 'precondition_failed' });
  });

  it('tries without doing', async () => {
    const key = await client().ask('keys.create', { pool: 'test', label: 'dry' }, keyView);
    const tried = await client().tryDry('keys.revoke', { key: key.prefix });
    expect(DRY_RUN.parse(tried)).toMatchObject({ dryRun: true, action: 'key.revoke' });
    expect(await client().ask('keys.get', { key: key.prefix }, keyView)).toMatchObject({ status: 'active' });
  });

  it('gives up on one that never answers', async () => {
    const description = await (await fetch(`${gateway.url}/api/v1/openapi.json`)).text();
    tiny.answer = ({ url = '' }, response) => {
      if (url.endsWith('openapi.json')) response.end(description);
    };
    const hurried = new RemoteOperations({ url: tiny.url, token }, 50);
    await expect(hurried.ask('pools.list', {}, poolView)).rejects.toMatchObject({
      name: 'Unreachable',
      message: 'The gateway at POOLER_URL does not answer (TimeoutError).',
    });
  });
});

import { OperationRegistry } from '../../src/control/index.js';
import { bodyWith, canaries, headersWith } from '../support/canaries.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings } from '../support/everything-stored.js';
import { fakeLogin } from '../support/fake-login.js';
import { useGateway } from '../support/gateway.js';
import { askMcp, mcpToken } from '../support/mcp-client.js';
import { askApi, operatorToken } from '../support/operators.js';
import { answer, json, message, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTinyServer } from '../support/tiny-server.js';

/** Where whoever made a secret is told it this once, and where one has to be told. */
const TOLD_ONCE = ['POST /keys', 'POST /keys/{key}/rotate', 'POST /tokens', 'POST /logins/browser', 'POST /webhooks'];

describe('what operators are told', () => {
  const upstream = new ScriptedUpstream();
  const lines: string[] = [];
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({
    DATA_DIR: folder.path(),
    DATABASE_URL: gateway.databaseUrl(),
    UPSTREAM_BASE_URL: upstream.url,
  }));
  const receiver = useTinyServer();
  const gateway = useGateway({
    upstream,
    logs: (line) => void lines.push(line),
    env: { EGRESS_ALLOW_LIST: '127.0.0.1' },
  });
  const { canary, secrets } = canaries();
  const told = new Map<string, string>();
  const things: Record<string, string> = { pool: 'test' };
  let token = '';
  let mcp = '';

  const ask = async (route: string, body?: object) => {
    const [method = '', path = ''] = route.split(' ');
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(things[name] ?? 'nothing'));
    const answered = await askApi(gateway.url, `/api/v1${filled}`, { method, token, ...(body && { body }) });
    if (!TOLD_ONCE.includes(route)) told.set(`${route} ${told.size}`, JSON.stringify(answered.body));
    return answered;
  };
  const made = async (route: string, body?: object): Promise<Record<string, string>> => {
    const { status, body: thing } = await ask(route, body);
    expect([route, status === 200 || status === 201]).toEqual([route, true]);
    return thing as Record<string, string>;
  };
  const secretOf = (text: string): string => text.split('-').slice(3).join('-');

  /** What operators bring that is secret, some of it where it is refused. */
  async function bring(): Promise<void> {
    const account = upstream.addAccount({ accountId: 'acc_brought' });
    const { authJson, accessToken, refreshToken, idToken } = account.login;
    for (const [name, text] of Object.entries({ accessToken, refreshToken, idToken })) secrets.set(name, text);
    const login = { label: 'brought', pool: 'test', authJson };
    const imported = await made('POST /accounts', login);
    things['account'] = (imported['account'] as unknown as { id: string }).id;
    await ask('POST /accounts', { ...login, label: 'again' });
    await ask('POST /accounts', { ...login, label: 'broken', authJson: canary('no auth.json') });
    const other = fakeLogin({ accountId: 'acc_refused', refreshToken: canary('refused refresh token') });
    upstream.tokenScript = () => json(400, { error: 'invalid_grant', error_description: canary('token error') });
    await ask('POST /accounts', { ...login, label: 'refused', authJson: other.authJson });
    await ask('POST /accounts/{account}/relink', { authJson: other.authJson });
    upstream.tokenScript = () => json(500, { error: canary('server error'), message: canary('server message') });
    await ask('POST /accounts', { ...login, label: 'failed', authJson: other.authJson });
    upstream.tokenScript = undefined;
    await ask('POST /account-keys', { label: 'key', pool: 'test', apiKey: `sk-proj-${canary('api key')}` });

    const begun = await made('POST /logins/browser', { label: 'browser', pool: 'test' });
    things['login'] = String(begun['id']);
    const state = new URL(String(begun['authorizeUrl'])).searchParams.get('state') ?? '';
    secrets.set('state', state);
    const callback = `http://localhost:1455/auth/callback?code=${canary('code')}&state=${state}`;
    await ask('POST /logins/{login}/complete', { callback });
    await ask('POST /logins/{login}/complete', { callback: canary('callback') });

    const hook = `${receiver.url}/${canary('webhook path')}?t=${canary('webhook query')}`;
    const secret = canary('webhook secret');
    things['webhook'] = String((await made('POST /webhooks', { name: 'hook', url: hook, secret }))['id']);
    await made('POST /webhooks/{webhook}/test');
    receiver.answer = (_, response) => response.writeHead(500).end(canary('webhook answer'));
    await made('POST /webhooks/{webhook}/test');
    await ask('POST /webhooks', { name: 'hook', url: hook, secret });
    await ask('POST /webhooks', { name: 'bad', url: `https://user:${canary('url password')}@localhost/`, secret });
    await ask('POST /prices/import', { url: `http://127.0.0.1:9/prices?t=${canary('price url')}` });
    await ask('POST /prices/import', { list: `{"${canary('price list')}"` });
    const key = await made('POST /keys', { pool: 'test', label: 'ci' });
    things['key'] = String(key['prefix']);
    secrets.set('key', secretOf(String(key['token'])));
    const rotated = await made('POST /keys/{key}/rotate', { overlapSeconds: 60 });
    things['key'] = String(rotated['id']);
    secrets.set('rotated key', secretOf(String(rotated['token'])));
    const operator = await made('POST /tokens', { label: 'another' });
    things['token'] = String(operator['id']);
    secrets.set('token', secretOf(String(operator['token'])));
    await ask('POST /explain/route', { pool: 'test', model: 'gpt-5.5', key: 'ci', session: canary('asked session') });
    await ask(`GET /usage?after=${canary('junk cursor')}`);
  }

  async function call(): Promise<void> {
    upstream.script = () => answer([message([canary('answer')])]);
    await (await gateway.post(bodyWith(canary), { headers: headersWith(canary) })).text();
    upstream.script = () => json(400, { error: { message: canary('provider error'), code: 'invalid_prompt' } });
    await (await gateway.post(bodyWith(canary), { headers: headersWith(canary) })).text();
    await eventually(async () => {
      for (const { status } of await gateway.ledger()) expect(status).not.toBe('in_flight');
    });
    things['request'] = String((await gateway.ledger())[0]?.id);
  }

  beforeAll(async () => {
    receiver.answer = (request, response) => {
      request.on('data', (bytes: Buffer) => told.set(`webhook body ${told.size}`, bytes.toString()));
      request.on('end', () => response.end());
    };
    token = (await operatorToken(gateway, { scopes: ['admin'] })).token;
    mcp = (await mcpToken(gateway, { scopes: ['mcp:read', 'mcp:write'] })).token;
    secrets
      .set('token of who asks', secretOf(token))
      .set('MCP token', secretOf(mcp))
      .set('gateway key', secretOf(gateway.key));
    await call();
    await bring();
    const [event] = (await ask('GET /audit')).body['items'] as { id: string }[];
    things['event'] = event?.id ?? '';
    for (const { method, path, input } of gateway.get(OperationRegistry).operations) {
      const dates =
        Object.hasOwn(input.shape, 'from') && path.startsWith('/prices') ? '?from=2026-01-01&to=2100-01-01' : '';
      if (method === 'GET') await ask(`GET ${path}${dates}`);
    }
    for (const name of ['list_audit_logs', 'list_request_logs', 'list_upstreams', 'list_operators', 'list_incidents']) {
      const params = { name: `codex_pooler_${name}`, arguments: {} };
      told.set(
        name,
        (await askMcp(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { token: mcp })).text,
      );
    }
    for (const args of [
      ['audit', 'export'],
      ['usage', '--by', 'key,account,model', '--format', 'csv'],
      ['request', 'list', '--format', 'json'],
      ['explain', '--request', things['request'] ?? ''],
    ]) {
      const { code, stdout, stderr } = await commands.run(args);
      expect([args, code]).toEqual([args, 0]);
      told.set(args.join(' '), stdout + stderr);
    }
  }, 120_000);

  it('is of calls, accounts, logins, webhooks and prices, and of what was refused', () => {
    const all = [...told.values()].join('\n');
    for (const each of [
      'account.import',
      'webhook.create',
      'price.import',
      'account.login.complete',
      things['request'],
    ]) {
      expect(all).toContain(each);
    }
    expect(all).toContain('ac***@example.test');
    expect([...told.keys()].filter((each) => each.startsWith('webhook body'))).not.toEqual([]);
  });

  it('holds nothing of what clients and providers said, no secret and no whole address of mail', () => {
    expect(secrets.size).toBeGreaterThan(35);
    expect(sightings(secrets, told)).toEqual([]);
    expect([...told].filter(([, text]) => text.includes('acc_brought@')).map(([place]) => place)).toEqual([]);
  });

  it('and what is kept of it hold none of that either', async () => {
    const texts = await everyText({ gateway, redisUrl: undefined, lines, spans: [] });
    expect(sightings(secrets, texts)).toEqual([]);
    expect([...texts].filter(([, text]) => text.includes('acc_brought@')).map(([place]) => place)).toEqual([]);
  });
});

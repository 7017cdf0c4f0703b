import { IngressCounts, IngressRules, KeyAdminService } from '../../src/auth/index.js';
import { jsonOf } from '../support/calls.js';
import { CodexSocket, turn } from '../support/codex-socket.js';
import { useCommandLine } from '../support/command-line.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { RawConnection } from '../support/raw-http.js';
import { useRedis } from '../support/redis.js';
import { hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const POLICY_REFUSED = 1008;
const SOON = { withinMs: 3_000 };
const hi = { model: 'gpt-5.5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
const ME = '127.0.0.1';
const ELSEWHERE = '192.0.2.0/24';

describe('from where the gateway may be called', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream });
  const rules = () => gateway.get(IngressRules);
  const status = async (headers: Record<string, string> = {}, path = PATH): Promise<number> => {
    const answer = await gateway.post(path === PATH ? ask() : hi, { headers, path });
    await answer.text();
    return answer.status;
  };
  const said = (chain: string): Promise<number> => status({ 'x-forwarded-for': chain });

  afterEach(() =>
    rules().change({
      allowList: null,
      operatorAllowList: null,
      trustedProxies: null,
      source: null,
      depth: null,
    }),
  );

  it('is everywhere until there is a list', async () => {
    expect([await status(), await said('192.0.2.7'), await said('junk')]).toEqual([200, 200, 200]);
  });

  it('is told in the words of every protocol, before a key is looked at', async () => {
    await rules().change({ allowList: [ELSEWHERE] });
    const wrong = { authorization: 'Bearer wrong' };
    const native = await gateway.post(ask(), { headers: wrong });
    expect([native.status, await native.json()]).toEqual([403, refusal('access_denied')]);
    const chat = await gateway.post(hi, { headers: wrong, path: '/v1/chat/completions' });
    expect(await jsonOf(chat)).toMatchObject({ status: 403, body: { error: { code: 'access_denied' } } });
    const anthropic = await gateway.post(hi, { path: '/v1/messages' });
    expect(await jsonOf(anthropic)).toMatchObject({ status: 403, body: { error: { type: 'permission_error' } } });
    const upgrade = await CodexSocket.refused(gateway);
    expect([upgrade.status, JSON.parse(upgrade.body)]).toEqual([403, refusal('access_denied')]);
    const pruned = await gateway.post({}, { path: '/backend-api/codex/alpha/search' });
    expect(pruned.status).toBe(403);
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${gateway.url}${path}`)).status).toBe(200);
  });

  it('is asked for /mcp with the callers, and for the operators by a list of their own', async () => {
    const denied = async (path: string): Promise<boolean> => {
      const answer = await fetch(`${gateway.url}${path}`);
      return answer.status === 403 && /"access_denied"|"code":-32600/.test(await answer.text());
    };
    await rules().change({ allowList: [ELSEWHERE] });
    expect([await denied('/mcp'), await denied('/api/v1/pools')]).toEqual([true, false]);
    await rules().change({ allowList: [], operatorAllowList: [ELSEWHERE] });
    expect([await denied('/mcp'), await denied('/api/v1/pools')]).toEqual([false, true]);
  });

  it('believes no word of a client about its address', async () => {
    await rules().change({ allowList: [ELSEWHERE] });
    expect(await said('192.0.2.7')).toBe(403);
    expect(await status({ 'x-real-ip': '192.0.2.7' })).toBe(403);
    await rules().change({ source: 'x_real_ip' });
    expect(await status({ 'x-real-ip': '192.0.2.7' })).toBe(403);
  });

  it('believes a proxy of ours, and only the last word that is not one', async () => {
    await rules().change({ allowList: [ELSEWHERE], trustedProxies: [ME, '10.0.0.0/8'] });
    expect(await said('192.0.2.7')).toBe(200);
    expect(await said('::ffff:192.0.2.7')).toBe(200);
    expect(await said('junk, 192.0.2.7')).toBe(403);
    expect(await said('198.51.100.1, 192.0.2.7, 10.0.0.2')).toBe(200);
    expect(await said('192.0.2.7, 198.51.100.1')).toBe(403);
    expect(await said(Array.from({ length: 32 }, () => '192.0.2.7').join(','))).toBe(200);
    expect(await said(Array.from({ length: 33 }, () => '192.0.2.7').join(','))).toBe(403);
    expect(await status()).toBe(403);
    expect((await CodexSocket.refused(gateway, { headers: { 'x-forwarded-for': '198.51.100.1' } })).status).toBe(403);
    const socket = await CodexSocket.open(gateway, { headers: { 'x-forwarded-for': '192.0.2.7' } });
    socket.drop();
  });

  it('counts from the right where the depth is fixed', async () => {
    await rules().change({ allowList: [ELSEWHERE], trustedProxies: [ME], depth: 2 });
    expect([
      await said('192.0.2.7, 203.0.113.1'),
      await said('192.0.2.7'),
      await said('203.0.113.1, 192.0.2.7'),
    ]).toEqual([200, 403, 403]);
  });

  it('takes all lines of a header in their order', async () => {
    await rules().change({ allowList: [ELSEWHERE], trustedProxies: [ME] });
    const answered = async (...lines: readonly string[]): Promise<number> => {
      const connection = await RawConnection.open(Number(new URL(gateway.url).port));
      const head = ['GET /v1/models HTTP/1.1', 'host: gateway', `authorization: Bearer ${gateway.key}`, ...lines];
      return (await connection.send(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n`).untilClosed()).status;
    };
    const line = (address: string): string => `X-Forwarded-For: ${address}`;
    expect(await answered(line('198.51.100.1'), line('192.0.2.7'))).toBe(200);
    expect(await answered(line('192.0.2.7'), line('198.51.100.1'))).toBe(403);
    await rules().change({ source: 'x_real_ip' });
    expect(await answered('X-Real-IP: 192.0.2.7')).toBe(200);
    expect(await answered('X-Real-IP: 192.0.2.7', 'X-Real-IP: 192.0.2.7')).toBe(403);
  });

  it('is the address that the list of a key is asked for', async () => {
    const { token } = await gateway
      .get(KeyAdminService)
      .createKey(gateway.pool.id, 'at home', { allowedAddresses: [ELSEWHERE] });
    const authorization = `Bearer ${token}`;
    await rules().change({ trustedProxies: [ME] });
    expect(await status({ authorization, 'x-forwarded-for': '192.0.2.7' })).toBe(200);
    expect(await status({ authorization, 'x-forwarded-for': '198.51.100.1' })).toBe(403);
    expect(await status({ authorization })).toBe(403);
  });

  it('is nowhere when the row was written by hand and a rule in it is none', async () => {
    await rules().change({ allowList: [] });
    await gateway.database().query(`UPDATE ingress_settings SET allow_list = '{0.0.0.0/0,everybody}'`);
    await eventually(async () => expect(await status()).toBe(403), SOON);
  });

  it('is looked at again for a websocket: what was begun is finished, then it is closed', async () => {
    const [idle, busy] = [await CodexSocket.open(gateway), await CodexSocket.open(gateway)];
    const held = hold();
    upstream.replyWith(held);
    busy.send(turn());
    await held.start();
    await rules().change({ allowList: [ELSEWHERE] });
    expect(await idle.closed).toBe(POLICY_REFUSED);
    busy.send(turn());
    await held.text('to the end');
    await held.finish();
    expect(await busy.closed).toBe(POLICY_REFUSED);
    const completed = busy.frames.filter((frame) => frame.includes('"response.completed"'));
    expect([completed.length, busy.frames.some((frame) => frame.includes('"type":"error"'))]).toEqual([1, false]);
  });

  it('keeps a websocket whose client may stay', async () => {
    const socket = await CodexSocket.open(gateway);
    await rules().change({ allowList: [ME, '::1'] });
    expect((await socket.ask(turn())).at(-1)).toContain('response.completed');
    socket.drop();
  });

  it('leaves numbers of those who were turned away, and no rows', async () => {
    const turnedAway = () =>
      gateway
        .get(IngressCounts)
        .numbers()
        .find(({ reason, at }) => reason === 'address_denied' && at === 'callers')?.count ?? 0;
    await rules().change({ allowList: [ELSEWHERE] });
    const [before, rows] = [turnedAway(), (await gateway.ledger()).length];
    for (let n = 0; n < 5; n += 1) await status();
    expect([turnedAway() - before, (await gateway.ledger()).length - rows]).toEqual([5, 0]);
  });
});

describe('commands for ingress rules', () => {
  const database = useDatabase();
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({
    DATA_DIR: folder.path(),
    DATABASE_URL: database.url(),
    TRUSTED_PROXIES: '10.0.0.0/8',
  }));
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await commands.run(['ingress', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('show what holds and who set it, set it, and give it back', async () => {
    expect(await run('show')).toBe(`RULE       VALUE            FROM
callers    -                environment
operators  -                environment
proxies    10.0.0.0/8       environment
source     x_forwarded_for  environment
depth      0                environment
`);
    const set = await run('set', '--callers', '192.0.2.0/24,2001:db8::/32', '--proxies', 'none', '--depth', '2');
    expect(set).toMatch(/\ncallers +192\.0\.2\.0\/24, 2001:db8::\/32 +operators\n/);
    expect(set).toMatch(/\nproxies +- +operators\n(.*\n)depth +2 +operators\n$/);
    const back = await run(
      'set',
      '--callers',
      'environment',
      '--proxies',
      'environment',
      '--depth',
      'environment',
      '--json',
    );
    expect(JSON.parse(back)).toMatchObject({ allowList: [], trustedProxies: ['10.0.0.0/8'], depth: 0, set: [] });
  });

  it('say what is no rule', async () => {
    const wrong = await commands.run(['ingress', 'set', '--operators', 'here']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('"here" is no address and no CIDR block')]);
    expect((await commands.run(['ingress', 'set'])).stderr).toContain('Say what is to be set');
  });
});

describe('a change of the ingress rules', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, redis: useRedis(), replicas: 2 });

  it('holds on all replicas within a second', async () => {
    const status = async (replica: number): Promise<number> =>
      (await fetch(`${gateway.urls[replica]}/v1/models`, { headers: { authorization: `Bearer ${gateway.key}` } }))
        .status;
    expect(await status(1)).toBe(200);
    await gateway.get(IngressRules).change({ allowList: [ELSEWHERE] });
    expect(await status(0)).toBe(403);
    await eventually(async () => expect(await status(1)).toBe(403), SOON);
  });
});

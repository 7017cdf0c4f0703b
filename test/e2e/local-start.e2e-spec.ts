import { dirname } from 'node:path';
import { saidBy, TOKEN, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/gateway.js';
import type { GatewayProcess } from '../support/gateway-process.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

describe('codex-pooler serve --local', () => {
  const embedded = useEmbeddedGateway();
  const ask1 = (gateway: GatewayProcess, authorization?: string): Promise<Response> =>
    fetch(`${gateway.url}/backend-api/codex/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify(ask()),
    });
  const home = (): { CODEX_HOME: string } => {
    const [account = embedded.upstream.addAccount({ accountId: 'acc_mine' })] = embedded.upstream.accounts;
    return { CODEX_HOME: dirname(embedded.file('auth.json', account.login.authJson)) };
  };

  it.each([
    ['on a network without a key', ['--local', '--host', '0.0.0.0'], /^codex-pooler: Without a key only/],
    ['in one role of several', ['--local', '--role', 'gateway'], /^codex-pooler: (Local mode|--role)/],
    ['as a server with a key of its own', ['--api-key', 'mine'], /^codex-pooler: That needs --local as well/],
    ['with a login that is not there', ['--local', '--auth-json', '/nonexistent'], /cannot be read\.\n$/],
  ])('does not start %s', async (_, args, words) => {
    const { code, stdout, stderr } = await embedded.run(['serve', ...args]);
    expect([code, saidBy(stdout), stderr]).toEqual([1, [], expect.stringMatching(words)]);
    await eventually(() => expect(embedded.postgres()).toEqual([]));
  });

  it('says whose login serves whom, and where', async () => {
    const gateway = await embedded.serve(['--local'], home());
    expect(saidBy(gateway.output())).toEqual([
      `Codex Pooler answers at ${gateway.url}`,
      `It serves with this machine's Codex login, account "local".`,
      'It asks for no key: every program on this machine may use it.',
      'A request that names no model gets gpt-5.5.',
      'It is for your own login and your own use.',
      `OpenAI base_url: ${gateway.url}/v1`,
      `Anthropic base_url: ${gateway.url}`,
      `Codex CLI base_url: ${gateway.url}/backend-api/codex`,
    ]);
    expect((await ask1(gateway)).status).toBe(200);
    expect((await gateway.terminate()).code).toBe(0);
  });

  it('serves on with the login that it has when the file is unusable, and whoever shows the one key', async () => {
    const broken = dirname(embedded.file('auth.json', '{}'));
    const gateway = await embedded.serve(['--local', '--api-key', 'my-own-key', '--default-model', 'gpt-5.4'], {
      CODEX_HOME: broken,
    });
    expect(saidBy(gateway.output())).toEqual(
      expect.arrayContaining([
        'It serves with the login it had before. The login file was refused: the file holds no access token.',
        'It asks for the key that was set.',
        'A request that names no model gets gpt-5.4.',
      ]),
    );
    expect((await ask1(gateway)).status).toBe(401);
    expect((await ask1(gateway, 'Bearer my-own-kex')).status).toBe(401);
    expect((await ask1(gateway, 'bearer my-own-key')).status).toBe(200);
    expect((await fetch(`${gateway.url}/v1/things`)).status).toBe(401);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect((await gateway.terminate()).code).toBe(0);
  });

  it('is not what a server is: there is no /health, and nobody is served without a key', async () => {
    const gateway = await embedded.serve([], home());
    expect((await fetch(`${gateway.url}/health`)).status).toBe(404);
    expect((await ask1(gateway)).status).toBe(401);
    expect((await gateway.terminate()).code).toBe(0);
  });

  it('prints neither a token, nor the key, nor that of its built-in caller', () => {
    const [account] = embedded.upstream.accounts;
    const secrets = [account?.login.accessToken, account?.login.refreshToken, 'my-own-key'];
    expect(secrets.filter((secret) => secret !== undefined && embedded.printed().includes(secret))).toEqual([]);
    expect(embedded.printed()).not.toMatch(TOKEN);
  });
});

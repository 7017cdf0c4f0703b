import { CODEX_VERSIONS, runCodex, type CodexResult, type CodexRun } from '../support/codex-cli.js';
import { eventually } from '../support/eventually.js';
import { useGateway, type TestGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { KeyAdminService } from '../../src/auth/index.js';
import {
  cutAfter,
  failBeforeHeaders,
  failedFirstEvent,
  hold,
  noWebsockets,
  overloaded503,
  quota429,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const askOf = (gateway: TestGateway, prompt: string, over: Partial<CodexRun> = {}): Promise<CodexResult> =>
  runCodex({
    version: 'latest',
    baseUrl: `${gateway.url}/backend-api/codex`,
    key: gateway.key,
    prompt,
    websockets: true,
    bypassSandbox: true,
    ...over,
  });

/** What the run printed of trouble. */
const troubles = ({ events }: CodexResult): unknown[] =>
  events.filter(({ type }) => type === 'error' || type === 'turn.failed');

const expectUntroubled = (result: CodexResult, finalMessage: string): void => {
  expect(result).toMatchObject({ exitCode: 0, finalMessage });
  expect(troubles(result)).toEqual([]);
};

describe.each(CODEX_VERSIONS)('the user of a real Codex CLI %s on a websocket', (version) => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  let team: TestPool;
  const ask = (prompt: string, over: Partial<CodexRun> = {}) =>
    askOf(gateway, prompt, { version, key: team.key, ...over });

  beforeEach(async () => {
    upstream.upgradeScript = undefined;
    team = await newPool(gateway, upstream, [{}, {}]);
  });

  it('sees nothing of an upstream socket that dies before its first frame', async () => {
    upstream.replyWith(failBeforeHeaders());
    expectUntroubled(await ask('[[say All well.]]'), 'All well.');
  });

  it('has the whole answer although the upstream socket died in the middle of it', async () => {
    upstream.replyWith(cutAfter(5, say('Half ', 'an ', 'answer.')));
    expect(await ask('[[say All well.]]')).toMatchObject({ exitCode: 0, finalMessage: 'All well.' });
  });

  it('sees nothing of an upstream socket that dies while a tool runs', async () => {
    const running = ask('[[tool {"cmd":"sleep 0.4; echo ping-42"}]]');
    await eventually(() => expect(upstream.received.at(-1)?.transport).toBe('websocket'));
    const turns = upstream.received.length;
    await upstream.received.at(-1)?.closed;
    upstream.sockets.at(-1)?.cut('destroy');
    expectUntroubled(await running, 'TOOL_OK ping-42');
    expect(upstream.received.length).toBeGreaterThan(turns);
  });

  it.each([
    ['429 and a spent quota', quota429(3_600)],
    ['503', overloaded503()],
  ])('sees nothing of an upstream that refuses the upgrade of one account with %s', async (_, refusal) => {
    const [account] = team.accounts;
    if (account) account.upgradeScript = () => refusal;
    expectUntroubled(await ask('[[say All well.]]'), 'All well.');
  });

  it('sees nothing of a token that was revoked', async () => {
    for (const account of team.accounts) account.revoke();
    expectUntroubled(await ask('[[say All well.]]'), 'All well.');
  });

  it('sees nothing of one account that is out of quota', async () => {
    upstream.replyWith(quota429(3_600));
    expectUntroubled(await ask('[[say All well.]]'), 'All well.');
  });

  it('sees nothing of an overload that the first event of a stream tells', async () => {
    upstream.replyWith(failedFirstEvent('server_is_overloaded'));
    expectUntroubled(await ask('[[say All well.]]'), 'All well.');
  });

  it('is told when the whole Pool is out of quota, and until when', async () => {
    upstream.replyWith(quota429(3_600), quota429(7_200));
    const result = await ask('[[say Never.]]');
    expect(result.exitCode).toBe(1);
    expect(JSON.stringify(troubles(result))).toMatch(/hit your usage limit.*[Tt]ry again at/);
  });

  it('leaves no work running upstream when it is killed in mid-turn', async () => {
    const held = hold();
    upstream.replyWith(held);
    const killing = new AbortController();
    const running = ask('Go.', { signal: killing.signal });
    const request = await held.opened;
    await held.start();
    killing.abort();
    const killedAtMs = Date.now();
    await request.aborted;
    expect(Date.now() - killedAtMs).toBeLessThan(1_500);
    await running;
    await eventually(async () => {
      expect((await gateway.ledger()).at(-1)).toMatchObject({ status: 'cancelled', transport: 'websocket' });
    });
  });
});

describe('a Codex CLI', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  it('is told when the key was revoked', async () => {
    const { token, key } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, 'gone');
    await gateway.get(KeyAdminService).revokeKey(key.id);
    const result = await askOf(gateway, '[[say Never.]]', { key: token });
    expect(result.exitCode).toBe(1);
    expect(JSON.stringify(troubles(result))).toContain('401');
  }, 90_000);

  it('finds the gateway reachable over HTTP and over websockets when it is asked to look (codex doctor)', async () => {
    const baseUrl = `${gateway.url}/backend-api/codex`;
    const command = ['doctor', '--network-only', '--json'];
    const { exitCode, stdout } = await runCodex({
      version: 'latest',
      baseUrl,
      key: gateway.key,
      websockets: true,
      command,
    });
    const report = JSON.parse(stdout) as { checks: Record<string, { status: string; details: object }> };
    expect(exitCode).toBe(0);
    expect(report.checks['network.provider_reachability']?.status).toBe('ok');
    expect(report.checks['network.websocket_reachability']).toMatchObject({
      status: 'ok',
      details: { 'handshake result': 'HTTP 101 Switching Protocols' },
    });
  });

  it('is served over HTTP when the upstream has no websockets, and the next one is told at once', async () => {
    upstream.upgradeScript = () => noWebsockets();
    expectUntroubled(await askOf(gateway, '[[tool {"cmd":"echo ping-42"}]]'), 'TOOL_OK ping-42');
    const upgrades = upstream.count('upgrade');
    expectUntroubled(await askOf(gateway, '[[say All well.]]', { version: '0.128' }), 'All well.');
    expect(upstream.count('upgrade')).toBe(upgrades);
  });
});

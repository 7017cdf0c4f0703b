import { once } from 'node:events';
import { failBeforeHeaders, hang, noWebsockets, quota429, type ScriptedUpstream } from './index.js';
import { startUpstream, stopUpstreams } from './spec-calls.js';
import { SocketClient } from './spec-socket.js';

afterEach(stopUpstreams);

const statusOf = async (upstream: ScriptedUpstream, token = 'any'): Promise<number | undefined> => {
  const { ws } = new SocketClient(upstream, token);
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, { statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
};

describe('an upgrade', () => {
  it('is refused as the script says, for one account or for all', async () => {
    const upstream = await startUpstream();
    const [one, two] = [upstream.addAccount(), upstream.addAccount()];
    const status = (account: typeof one): Promise<number | undefined> => statusOf(upstream, account.login.accessToken);
    upstream.upgradeScript = () => noWebsockets();
    one.upgradeScript = () => quota429(60);

    expect([await status(one), await status(two), await statusOf(upstream)]).toEqual([429, 426, 426]);
    upstream.upgradeScript = undefined;
    expect(await statusOf(upstream)).toBe(401);
    expect(upstream.requests('upgrade').map(({ accountId }) => accountId)).toEqual([
      one.id,
      two.id,
      undefined,
      undefined,
    ]);
  });

  it('is always refused with 426 by an upstream without websockets', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true, websockets: false });

    expect(await statusOf(upstream)).toBe(426);
  });

  it('can hang, or be dropped', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const hanging = hang();
    upstream.upgradeScript = () => hanging;
    const waiting = new SocketClient(upstream);
    const request = await hanging.opened;
    waiting.ws.terminate();
    await request.closed;
    upstream.upgradeScript = () => failBeforeHeaders();

    expect(await new SocketClient(upstream).over).toBe(1006);
    expect(upstream.aborted).toBe(1);
  });

  it("carries the headers of the test beside the account's quota", async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount({ primary: { usedPercent: 55 } });
    upstream.upgradeHeaders = { 'x-codex-turn-state': 'state', 'openai-model': 'gpt-5.5' };

    const { headers } = await new SocketClient(upstream, account.login.accessToken).open();

    expect(headers).toMatchObject({
      'x-codex-turn-state': 'state',
      'openai-model': 'gpt-5.5',
      'x-codex-primary-used-percent': '55',
    });
  });

  it('of a spent account is taken, and its turns are refused', async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount();
    account.exhaust(60);

    const client = await new SocketClient(upstream, account.login.accessToken).open();

    expect((await client.turn()).at(-1)).toMatchObject({ status: 429, error: { type: 'usage_limit_reached' } });
  });
});

import { AccountService, LoginFlows, type LoginFlowView } from '../../src/upstream/index.js';
import { LoginFlowRepository } from '../../src/upstream/login/login-flow.repository.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings, type Texts } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { useSpans } from '../support/recorded-spans.js';
import { useRedis } from '../support/redis.js';
import { json, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const redis = useRedis();
const spans = useSpans();
/** Of both gateways: the logger of a process writes to one place only. */
const lines: string[] = [];

describe.each([
  { stores: 'Postgres alone', shared: undefined },
  { stores: 'Postgres and Redis', shared: redis },
])('what a gateway on $stores keeps of logins', ({ shared }) => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, logs: (line) => lines.push(line), ...(shared ? { redis: shared } : {}) });
  const secrets = new Map<string, string>();
  const ends: Record<string, unknown> = {};
  let everything: Texts = new Map();

  const keep = (name: string, secret: string | undefined): void => {
    if (secret !== undefined && secret !== '') secrets.set(name, secret);
  };
  const browser = async (label: string): Promise<LoginFlowView> => {
    const view = await gateway.get(LoginFlows).startBrowser({ label, poolId: gateway.pool.id });
    await keepSecretsOf(view);
    return view;
  };
  const device = async (label: string): Promise<LoginFlowView> => {
    const view = await gateway.get(LoginFlows).startDevice({ label, poolId: gateway.pool.id });
    await keepSecretsOf(view);
    return view;
  };
  const keepSecretsOf = async ({ id, label }: LoginFlowView): Promise<void> => {
    const rows = gateway.get(LoginFlowRepository);
    const row = await rows.find(id);
    if (row === undefined) throw new Error('There is no row.');
    keep(`state of ${label}`, rows.challengeOf(row)?.state);
    keep(`verifier of ${label}`, rows.challengeOf(row)?.verifier);
    keep(`device id of ${label}`, rows.deviceOf(row)?.deviceAuthId);
  };
  const complete = async (name: string, pasted: string): Promise<void> => {
    ends[name] = await gateway
      .get(LoginFlows)
      .complete(pasted)
      .then(
        ({ status }) => status,
        (error: unknown) => {
          lines.push(String(error), JSON.stringify(error));
          return (error as { code?: string }).code;
        },
      );
  };
  const over = (name: string, { id }: LoginFlowView, status: string): Promise<void> =>
    eventually(
      async () => {
        const view = await gateway.get(LoginFlows).get(id);
        ends[name] = view?.status;
        expect(view?.status).toBe(status);
      },
      { withinMs: 20_000 },
    );

  const inBrowsers = async (): Promise<void> => {
    await browser('left open');
    const done = upstream.issuer.signIn((await browser('done')).authorizeUrl ?? '', upstream.addAccount());
    await complete('done', done);
    await complete('again', done);
    const lost = upstream.issuer.signIn((await browser('lost')).authorizeUrl ?? '', upstream.addAccount());
    const code = new URL(lost).searchParams.get('code') ?? '';
    // A provider that quotes what it was sent, wherever it can.
    upstream.tokenScript = ({ body }) => json(400, { error: code, error_description: body.toString() });
    await complete('quoted', lost);
    upstream.tokenScript = undefined;
    const strange = `http://localhost:1455/auth/callback?code=${code}&code=${code}&state=s`;
    await complete('strange', strange);
  };

  const byDevices = async (): Promise<void> => {
    upstream.issuer.interval = 1;
    await device('waiting');
    const typed = await device('typed');
    upstream.issuer.type(typed.userCode ?? '', upstream.addAccount());
    await over('typed', typed, 'completed');
    const denied = await device('denied');
    upstream.issuer.type(denied.userCode ?? '', 'denied');
    await over('denied', denied, 'failed');
  };

  beforeAll(async () => {
    await inBrowsers();
    await byDevices();
    for (const [index, secret] of upstream.issuer.secrets.entries()) keep(`issued ${index}`, secret);
    for (const { id, login } of upstream.accounts) {
      keep(`access token of ${id}`, login.accessToken);
      keep(`refresh token of ${id}`, login.refreshToken);
      keep(`id token of ${id}`, login.idToken);
    }
    everything = await everyText({ gateway, redisUrl: shared?.url(), lines, spans: spans.ended() });
  }, 60_000);

  it('comes from logins that were finished, refused, denied and left', async () => {
    expect(ends).toEqual({
      done: 'completed',
      again: 'flow_not_pending',
      quoted: 'token_exchange_failed',
      strange: 'callback_invalid',
      typed: 'completed',
      denied: 'failed',
    });
    const labels = (await gateway.get(AccountService).list()).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['done', 'typed']));
    expect((await gateway.get(LoginFlows).list()).map(({ label }) => label)).toEqual(['left open', 'waiting']);
  });

  it('holds the ids of logins where jobs are, so that it is searched there', async () => {
    const [, waiting] = await gateway.get(LoginFlows).list();
    const places = sightings(new Map([['id', waiting?.id ?? '']]), everything);
    expect(places).toContain('id in public.login_flow.id');
    const inQueue: unknown = expect.stringMatching(shared ? /token-refresh/ : 'bullmq.job.data');
    expect(places).toContainEqual(inQueue);
  });

  it('holds no state, verifier, code or token, in any form', () => {
    expect(secrets.size).toBeGreaterThan(25);
    expect(sightings(secrets, everything)).toEqual([]);
  });
});

import { GatewayError, noQuota } from '../../core/index.js';
import {
  burst429,
  failBeforeHeaders,
  hang,
  html200,
  json,
  noWebsockets,
  overloaded503,
  quota429,
  raw,
  unauthorized,
  type Reply,
} from '../../../test/support/scripted-upstream/index.js';
import { aTurn, framesOf, useSockets } from '../../../test/support/upstream-sockets.js';

const never = new AbortController().signal;

describe('a websocket to the upstream', () => {
  const fixture = useSockets();

  it('is asked for with the headers of the request, and neither compressed nor anything else', async () => {
    const { upstream, connect } = await fixture();
    await connect();
    const [upgrade] = upstream.requests('upgrade');
    expect(upgrade?.header('session-id')).toBe('s');
    expect(upgrade?.headers.map(([name]) => name.toLowerCase()).sort()).toEqual([
      'authorization',
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-version',
      'session-id',
      'upgrade',
    ]);
  });

  it.each<[string, Reply, string, number | undefined]>([
    ['401', unauthorized(), 'upstream_account_rejected', 401],
    ['403', json(403, { error: { message: 'no' } }), 'upstream_account_rejected', 403],
    ['a spent quota', quota429(60), 'upstream_quota_exhausted', 429],
    ['a burst', burst429(), 'upstream_rate_limited', 429],
    ['an overload', overloaded503(), 'server_is_overloaded', 503],
    ['500', json(500, {}), 'upstream_error', 500],
    ['a redirect', json(307, {}, { location: 'http://127.0.0.1:9/' }), 'upstream_error', 307],
    ['400', json(400, { error: { code: 'invalid_prompt' } }), 'upstream_refused', 400],
    ['a model it does not serve', json(404, { error: { code: 'model_not_found' } }), 'upstream_model_unavailable', 404],
    ['a dropped connection', failBeforeHeaders(), 'upstream_request_failed', undefined],
  ])('that is refused by %s fails as the HTTP answer would', async (_, reply, code, upstreamStatus) => {
    const { upstream, transport, connect } = await fixture();
    upstream.upgradeScript = () => reply;
    const failure = await connect().catch((thrown: unknown) => GatewayError.from(thrown));
    expect(failure).toMatchObject({ code, detail: expect.objectContaining({}) as unknown });
    expect((failure as GatewayError).detail.upstreamStatus).toBe(upstreamStatus);
    expect(transport.served(Date.now())).toBe(true);
  });

  it('that is refused for its quota says when that comes back', async () => {
    const { upstream, connect } = await fixture();
    upstream.upgradeScript = () => quota429(60);
    const failure = (await connect().catch((thrown: unknown) => thrown)) as GatewayError;
    expect(failure.detail.resetsAtMs).toBeGreaterThan(Date.now() + 50_000);
    expect(failure.detail.relay?.status).toBe(429);
  });

  it.each<[string, Reply]>([
    ['426', noWebsockets()],
    ['404', json(404, { detail: 'Not Found' })],
    ['405', json(405, {})],
    ['501', json(501, {})],
    ['a 400 that is no API answer', raw(['Bad Request'], { 'content-type': 'text/plain' }, 400)],
    ['a page', html200()],
  ])('is not there for a minute after %s, without another try', async (_, reply) => {
    const { upstream, transport, connect } = await fixture();
    upstream.upgradeScript = () => reply;
    await expect(connect()).rejects.toMatchObject({ code: 'upstream_websocket_unavailable' });
    const nowMs = Date.now();
    upstream.upgradeScript = undefined;
    await expect(connect()).rejects.toMatchObject({ code: 'upstream_websocket_unavailable' });
    expect(upstream.count('upgrade')).toBe(1);
    expect([transport.served(nowMs), transport.served(nowMs + 60_000)]).toEqual([false, true]);
  });

  it('is given up when the upstream does not answer in time', async () => {
    const { upstream, connect } = await fixture({ UPSTREAM_CONNECT_MS: 20 });
    const hanging = hang();
    upstream.upgradeScript = () => hanging;
    await expect(connect()).rejects.toMatchObject({ code: 'upstream_timeout', detail: { unsent: true } });
    await (
      await hanging.opened
    ).aborted;
  });

  it('is given up when nobody waits for it any more', async () => {
    const { upstream, connect } = await fixture();
    const hanging = hang();
    upstream.upgradeScript = () => hanging;
    const client = new AbortController();
    const opening = connect(client.signal);
    const request = await hanging.opened;
    client.abort(new GatewayError('client_disconnected', 'gone'));
    await expect(opening).rejects.toMatchObject({ code: 'client_disconnected' });
    await request.aborted;
    await expect(connect(client.signal)).rejects.toMatchObject({ code: 'client_disconnected' });
  });

  it('that nobody listens for could not be asked for at all', async () => {
    const { upstream, transport } = await fixture();
    const { url } = upstream;
    await upstream.stop();
    const opening = transport.connect({ url: url.replace('http', 'ws'), headers: {} }, never);
    await expect(opening).rejects.toMatchObject({ code: 'upstream_request_failed', detail: { unsent: true } });
    await upstream.start();
  });

  it('is closed when the application stops, also in the middle of a turn', async () => {
    const { upstream, transport, connect } = await fixture();
    const idle = await connect();
    const running = await connect();
    upstream.replyWith(hang());
    const turn = running.turn(aTurn(), never);
    await upstream.next();
    transport.onApplicationShutdown();
    await expect(turn).rejects.toMatchObject({ code: 'stream_interrupted' });
    await Promise.all(upstream.sockets.map(({ closed }) => closed));
    expect([idle.usable, upstream.openSockets]).toEqual([false, 0]);
  });

  it('tells what the handshake said with its first turn, and only then', async () => {
    const { upstream, connect } = await fixture();
    upstream.upgradeHeaders = {
      'x-codex-turn-state': 'ts',
      'openai-model': 'another',
      'x-reasoning-included': 'true',
      'x-codex-primary-used-percent': '12',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(Math.floor(Date.now() / 1000) + 60),
      'set-cookie': 'a=b',
    };
    const socket = await connect();
    const first = await socket.turn(aTurn(), never);
    await framesOf(first);
    const second = await socket.turn(aTurn(), never);
    expect(first.headers).toEqual({
      'x-codex-turn-state': 'ts',
      'x-reasoning-included': 'true',
      'x-oai-request-id': 'upstream-upgrade-1',
    });
    expect(first.quota.windows).toMatchObject([{ limitId: 'codex', windowMinutes: 300, usedPercent: 12 }]);
    expect([second.status, second.headers, second.quota]).toEqual([200, {}, noQuota('headers')]);
  });
});

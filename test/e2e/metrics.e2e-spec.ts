import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { IngressCounts } from '../../src/auth/index.js';
import { CATALOGUE, count, type MetricName } from '../../src/platform/metrics/index.js';
import { EXPRESSIONS, missingIn } from '../helm/observed.js';
import { samplesIn, useMetrics, type Sample } from '../support/metrics.js';
import { bodyWith, canaries, headersWith } from '../support/canaries.js';
import { CodexSocket, turn, typeOf } from '../support/codex-socket.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses } from '../support/gateway-process.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { LimitedKey } from '../support/limited-keys.js';
import { newPool } from '../support/pools.js';
import { useRedis } from '../support/redis.js';
import { hold, json, say, ScriptedUpstream, usage } from '../support/scripted-upstream/index.js';

/** One call of the class runs, one waits, and not for long. */
const NARROW = { ROUTE_CLASS_LIMITS: 'stream=1', QUEUE_SIZE: '1', QUEUE_WAIT_MS: '300' };
/** In `MetricSpec` a histogram is one name, in the text three. */
const PART = /_(bucket|sum|count)$/;

const familyOf = (name: string): string => (name in CATALOGUE ? name : name.replace(PART, ''));

/** A free port: what is asked for has to be named. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('/metrics after one call of each kind', () => {
  const upstream = new ScriptedUpstream();
  const metrics = useMetrics({ METRICS_DETAIL: ['pool', 'account'] });
  const gateway = useGateway({ upstream, env: NARROW });
  const serverError = json(500, { error: { message: 'No.' } });
  const answered = async (response: Response) => {
    await response.text();
    return response.status;
  };
  const valueOf = (samples: readonly Sample[], name: MetricName | `${MetricName}_count`, labels: object = {}) =>
    samples
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  const now = () => metrics.samples();

  it('counts a call once, at its end, with what it used', async () => {
    upstream.replyWith(say('Hello', { usage: usage(1_200, 1_024, 48, 8) }));
    expect(await answered(await gateway.post(ask()))).toBe(200);
    const seen = await eventually(async () => {
      const samples = await now();
      expect(valueOf(samples, 'gw_settlement_lag_seconds_count')).toBe(1);
      return samples;
    });
    const call = { route_class: 'stream', transport: 'http_sse', outcome: 'succeeded' };
    const told = { surface: 'native', status_class: '2xx', error_code: 'none', blame: 'none', pool: 'test' };
    expect(seen.filter(({ name }) => name === 'gw_requests_total')).toEqual([
      { name: 'gw_requests_total', labels: { ...call, ...told }, value: 1 },
    ]);
    for (const name of ['gw_request_duration_seconds', 'gw_ttft_seconds'] as const) {
      expect([name, valueOf(seen, `${name}_count`, call)]).toEqual([name, 1]);
    }
    const tokens = ['input', 'cached', 'output', 'reasoning'].map((kind) => valueOf(seen, 'gw_tokens_total', { kind }));
    expect(tokens).toEqual([176, 1_024, 40, 8]);
    expect(valueOf(seen, 'gw_attempts_total', { result: 'succeeded', failover: 'false', reason_class: 'none' })).toBe(
      1,
    );
    expect(valueOf(seen, 'gw_route_candidates_count', { stage: 'free' })).toBe(1);
  });

  it('shows what is open while it is open', async () => {
    const held = hold();
    upstream.replyWith(held);
    const answering = gateway.post(ask());
    await held.start();
    await held.text('Hello');
    const response = await answering;
    const open = await now();
    expect(valueOf(open, 'gw_stream_open', { transport: 'http' })).toBe(1);
    expect(valueOf(open, 'gw_admission_running', { route_class: 'stream' })).toBe(1);
    expect(valueOf(open, 'gw_account_inflight')).toBe(1);
    const [waiting, refused] = [gateway.post(ask()), gateway.post(ask())];
    expect([await answered(await waiting), await answered(await refused)]).toEqual([503, 503]);
    const busy = await now();
    expect(valueOf(busy, 'gw_admission_timeout_total', { route_class: 'stream' })).toBe(1);
    expect(valueOf(busy, 'gw_admission_rejected_total', { route_class: 'stream' })).toBe(1);
    expect(valueOf(busy, 'gw_requests_total', { outcome: 'rejected', error_code: 'server_is_overloaded' })).toBe(2);
    await held.finish();
    await response.text();
    await eventually(async () => expect(valueOf(await now(), 'gw_stream_open')).toBe(0));
  });

  it('has every name of the catalogue in the end, and no other', async () => {
    upstream.replyWith(serverError, hello());
    expect(await answered(await gateway.post(ask()))).toBe(200);
    const socket = await CodexSocket.open(gateway);
    upstream.replyWith(hello());
    expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    expect(valueOf(await now(), 'gw_ws_sessions')).toBe(1);
    socket.drop();
    const limited = await LimitedKey.make(gateway, upstream, { maxInputTokens: 1 });
    expect(await answered(await limited.post(ask()))).toBe(429);
    expect(await answered(await gateway.post(ask(), { headers: { authorization: 'Bearer sk-cxp-wrong' } }))).toBe(401);
    gateway.get(IngressCounts).add('address_denied', 'callers');
    upstream.replyWith(json(401, { error: { message: 'Expired.' } }), hello());
    expect(await answered(await gateway.post(ask()))).toBe(200);
    const team = await newPool(gateway, upstream, [{}]);
    upstream.replyWith(serverError, serverError, serverError);
    for (let n = 0; n < 3; n += 1) await answered(await team.post(ask()));
    count('gw_mcp_calls_total', { tool: 'pools', result: 'succeeded' });
    await eventually(
      async () => {
        const names = new Set((await now()).map(({ name }) => familyOf(name)));
        expect([...names].sort()).toEqual(Object.keys(CATALOGUE).sort());
      },
      { withinMs: 20_000 },
    );
  }, 40_000);

  it('has every metric and every label that boards and alerts ask for', async () => {
    const labels = new Map<string, object>();
    for (const sample of await now()) labels.set(sample.name, { ...labels.get(sample.name), ...sample.labels });
    const missing = EXPRESSIONS.flatMap((expr) => missingIn(expr, (metric) => labels.get(metric) as Sample['labels']));
    expect(missing).toEqual([]);
  });

  it('holds no label that the catalogue does not have, and none beyond its bounds', async () => {
    for (const { name, labels } of await now()) {
      const spec: Readonly<Record<string, unknown>> = CATALOGUE[familyOf(name) as MetricName].labels;
      for (const [label, value] of Object.entries(labels).filter(([each]) => each !== 'le')) {
        const allowed = spec[label];
        expect([name, label, allowed]).toEqual([name, label, expect.anything()]);
        if (Array.isArray(allowed)) expect([...allowed, 'other']).toContain(value);
      }
    }
  });

  it('holds nothing of what was said', async () => {
    const { canary, secrets } = canaries();
    upstream.replyWith(hello());
    await answered(await gateway.post(bodyWith(canary), { headers: headersWith(canary) }));
    upstream.replyWith(json(400, { error: { message: canary('provider'), code: canary('code') } }));
    await answered(await gateway.post(bodyWith(canary), { headers: headersWith(canary) }));
    const text = await (await metrics.get()).text();
    expect(samplesIn(text).length).toBeGreaterThan(100);
    for (const [what, secret] of secrets) expect([what, text.includes(secret)]).toEqual([what, false]);
  });
});

describe('processes of each role', () => {
  const TOKEN = 'a-token-of-prometheus';
  const processes = useGatewayProcesses();
  const database = useDatabase();
  const redis = useRedis();
  const secretKeys = `v1:${randomBytes(32).toString('base64')}`;
  const start = (role: string, port: number) => {
    const stores = { DATABASE_URL: database.url(), REDIS_URL: redis.url(), SECRET_KEYS: secretKeys };
    const env = { ...stores, DATA_DIR: '/nonexistent/data', METRICS_PORT: String(port), METRICS_TOKEN: TOKEN };
    return processes.serve(env, ['--role', role]);
  };
  const look = async (port: number) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    return samplesIn(await response.text());
  };

  it('serve them on a port of their own, and each what it knows', async () => {
    const [ofGateway, ofWorker] = [await freePort(), await freePort()];
    await Promise.all([start('gateway', ofGateway), start('worker', ofWorker)]);
    expect((await fetch(`http://127.0.0.1:${ofGateway}/metrics`)).status).toBe(401);
    const [gateway, worker] = [await look(ofGateway), await look(ofWorker)];
    const roles = [gateway, worker].map((seen) => seen.find(({ name }) => name === 'gw_build_info')?.labels['role']);
    expect(roles).toEqual(['gateway', 'worker']);
    const has = (seen: readonly Sample[], wanted: MetricName) => seen.some(({ name }) => name === wanted);
    expect([has(gateway, 'gw_stream_open'), has(gateway, 'gw_queue_depth')]).toEqual([true, false]);
    expect([has(worker, 'gw_admission_queued'), has(worker, 'gw_queue_depth')]).toEqual([false, true]);
  }, 60_000);

  it('serve calls although the port is taken, and say so', async () => {
    const port = await freePort();
    await start('gateway', port);
    const second = await start('gateway', port);
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200);
    const { code, stderr } = await second.terminate();
    expect([code, stderr]).toEqual([0, expect.stringContaining(`no metrics: 127.0.0.1:${port}`)]);
  }, 60_000);
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { mintToken, TOKEN_RANDOM_BYTES } from '../../src/auth/token-format.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses } from '../support/gateway-process.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { useSpans, type RecordedSpan } from '../support/recorded-spans.js';
import {
  createdThenFailed,
  failBeforeHeaders,
  hold,
  json,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Recorded {
  readonly root: RecordedSpan;
  /** All that is under it, as it began. */
  readonly steps: readonly RecordedSpan[];
  readonly attempts: readonly RecordedSpan[];
}

const isJob = ({ name }: RecordedSpan): boolean => name.startsWith('job ');
const beganAtMs = ({ startTime: [seconds, nanos] }: RecordedSpan): number => seconds * 1_000 + nanos / 1e6;

describe('the spans of a routed call', () => {
  const upstream = new ScriptedUpstream();
  const spans = useSpans();
  const gateway = useGateway({ upstream });

  beforeEach(() => spans.reset());

  /** All spans of the one call since the test began, once its root has ended. */
  const recorded = (): Promise<Recorded> =>
    eventually(() => {
      const ended = spans.ended().filter((span) => !isJob(span));
      const roots = ended.filter(({ parentSpanContext }) => parentSpanContext === undefined);
      const [root] = roots;
      if (!root || roots.length > 1) throw new Error(`${roots.length} root spans have ended.`);
      const steps = ended.filter((span) => span !== root).sort((a, b) => beganAtMs(a) - beganAtMs(b));
      for (const { parentSpanContext } of steps) expect(parentSpanContext).toEqual(root.spanContext());
      return { root, steps, attempts: steps.filter(({ name }) => name === 'attempt') };
    });
  const outcome = ({ status, attributes }: RecordedSpan) => [status.code, attributes['error.type']];

  it('are one root and its steps, with what GenAI conventions ask for', async () => {
    upstream.replyWith(hello());
    const response = await gateway.post(ask());
    await response.text();
    const { root, steps, attempts } = await recorded();
    const row = await eventually(async () => {
      const settled = await gateway.settled(response.headers.get('x-request-id') ?? '');
      if (!settled) throw new Error('Not settled yet.');
      return settled;
    });

    expect(root).toMatchObject({ name: 'chat gpt-5.5', kind: SpanKind.SERVER });
    expect(root.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5.5',
      'gen_ai.response.model': 'gpt-5.5',
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': 1200,
      'gen_ai.usage.cache_read.input_tokens': 1024,
      'gen_ai.usage.cache_creation.input_tokens': 0,
      'gen_ai.usage.output_tokens': 48,
      'gen_ai.usage.reasoning.output_tokens': expect.any(Number),
      'http.route': '/backend-api/codex/responses',
      'http.response.status_code': 200,
      'codex_pooler.call.id': row.id,
      'codex_pooler.pool': 'test',
      'codex_pooler.key.id': row['key_id'],
      'codex_pooler.dialect': 'codex-backend',
      'codex_pooler.route_class': 'stream',
      'codex_pooler.outcome': 'succeeded',
      'codex_pooler.attempts': 1,
    });
    expect(steps.map(({ name }) => name).join(' ')).toBe('policy reserve admission route attempt stream settle');
    const routed = { 'codex_pooler.route.candidates': 2, 'codex_pooler.route.excluded': 0 };
    expect(steps.find(({ name }) => name === 'route')?.attributes).toMatchObject(routed);
    const [attempt] = attempts;
    expect(attempts).toHaveLength(1);
    expect(attempt).toMatchObject({ name: 'attempt', kind: SpanKind.CLIENT });
    expect(attempt?.attributes).toMatchObject({
      'codex_pooler.attempt.number': 1,
      'codex_pooler.upstream.kind': 'codex',
    });
    expect(row['trace_id']).toBe(root.spanContext().traceId);
    for (const { status, events } of [root, ...steps]) {
      expect([status, events]).toEqual([{ code: SpanStatusCode.UNSET }, []]);
    }
  });

  it('last as long as the stream', async () => {
    const held = hold();
    upstream.replyWith(held);
    const answering = gateway.post(ask());
    await held.start();
    await held.text('Hello');
    const response = await answering;
    const begun = spans.ended().map(({ name }) => name);
    expect([begun.includes('attempt'), begun.includes('stream')]).toEqual([true, false]);
    const beforeTheEndMs = Date.now();
    await held.finish();
    await response.text();
    const { root } = await recorded();
    expect(root.endTime[0] * 1_000 + root.endTime[1] / 1e6).toBeGreaterThanOrEqual(beforeTheEndMs);
  });

  it.each([
    ['broke before its head', failBeforeHeaders()],
    ['answered with an error', json(500, { error: { message: 'No.' } })],
    ['failed before it showed anything', createdThenFailed('server_error')],
  ])('show an attempt that %s as failed, and the one that took over', async (_, failure) => {
    upstream.replyWith(failure, hello());
    const response = await gateway.post(ask());
    await response.text();
    const { root, attempts } = await recorded();
    const numbered = attempts.map((span) => [span.attributes['codex_pooler.attempt.number'], span.status.code]);
    expect(numbered).toEqual([
      [1, SpanStatusCode.ERROR],
      [2, SpanStatusCode.UNSET],
    ]);
    expect(new Set(attempts.map(({ attributes }) => attributes['codex_pooler.account.id'])).size).toBe(2);
    expect(outcome(root)).toEqual([SpanStatusCode.UNSET, undefined]);
    expect(root.attributes['codex_pooler.attempts']).toBe(2);
  });

  it('end with an error when every attempt fails', async () => {
    upstream.replyWith(json(500, { error: { message: 'No.' } }), json(500, { error: { message: 'No.' } }));
    await (await gateway.post(ask())).text();
    const { root, attempts } = await recorded();
    expect(outcome(root)).toEqual([SpanStatusCode.ERROR, 'upstream_error']);
    expect(attempts.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.ERROR]);
  });

  it('end with an error when the answer itself is a failure', async () => {
    upstream.replyWith(createdThenFailed('invalid_prompt'));
    await (await gateway.post(ask())).text();
    const { root } = await recorded();
    expect(outcome(root)).toEqual([SpanStatusCode.ERROR, 'invalid_prompt']);
  });

  it('end when the client leaves', async () => {
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const answering = gateway.post(ask(), { signal: leaving.signal });
    await held.start();
    await held.text('Hello');
    await answering;
    leaving.abort();
    const { root, attempts } = await recorded();
    expect(root.attributes).toMatchObject({
      'codex_pooler.outcome': 'cancelled',
      'error.type': 'client_disconnected',
    });
    expect(attempts).toHaveLength(1);
  });
});

describe('a process that is told where traces go, or not', () => {
  const POOL_KEY = mintToken(randomBytes(TOKEN_RANDOM_BYTES));
  const LOADED = resolve(__dirname, '../support/loaded-modules.cjs');
  const upstream = new ScriptedUpstream();
  const database = useDatabase();
  const processes = useGatewayProcesses();
  const folder = temporaryFolder();
  const received: { readonly route: string; readonly body: Buffer }[] = [];
  let collector: Server | undefined;

  beforeAll(async () => {
    await upstream.start();
    upstream.script = () => hello();
    writeFileSync(join(folder.path(), 'auth.json'), upstream.addAccount().login.authJson);
    const pools = [{ slug: 'default', keys: [{ label: 'traced', secretEnv: 'POOL_KEY' }] }];
    writeFileSync(join(folder.path(), 'seed.yaml'), JSON.stringify({ pools }));
    collector = createServer((request, response) => {
      void buffer(request).then((body) => {
        received.push({ route: `${request.method ?? ''} ${request.url ?? ''}`, body });
        response.end();
      });
    });
    await once(collector.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    collector?.closeAllConnections();
    collector?.close();
    await upstream.stop();
  });

  /** A process that serves one call and ends. @returns the files it had loaded by then, and the call's row */
  const oneCall = async (env: Readonly<Record<string, string>>) => {
    const stores = {
      DATABASE_URL: database.url(),
      DATA_DIR: folder.path(),
      CODEX_HOME: folder.path(),
      SEED_FILE: join(folder.path(), 'seed.yaml'),
    };
    const gateway = await processes.serve(
      { ...stores, UPSTREAM_BASE_URL: upstream.url, OAUTH_ISSUER_URL: upstream.url, POOL_KEY, ...env },
      ['--import-auth'],
      { preload: [LOADED] },
    );
    const response = await fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${POOL_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(ask()),
    });
    expect(await response.text()).toContain('response.completed');
    process.kill(gateway.pid, 'SIGUSR2');
    await eventually(() => expect(gateway.output()).toContain('loaded: '));
    const { code, stdout } = await gateway.terminate();
    expect(code).toBe(0);
    const [row] = await database
      .dataSource()
      .query<{ trace_id: string | null }[]>('SELECT trace_id FROM request WHERE request_id = $1', [
        response.headers.get('x-request-id'),
      ]);
    return { loaded: stdout.split('\n').filter((line) => line.startsWith('/')), traceId: row?.trace_id };
  };
  const telemetry = /node_modules\/@opentelemetry\/(?!api\/)/;

  it('is not: nothing is recorded, and the OpenTelemetry SDK is not even loaded', async () => {
    const { loaded, traceId } = await oneCall({});
    expect(traceId).toBeNull();
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded.filter((file) => telemetry.test(file))).toEqual([]);
    expect(received).toEqual([]);
  });

  it('is: what was recorded arrives there before the process ends', async () => {
    const endpoint = `http://127.0.0.1:${(collector?.address() as AddressInfo).port}`;
    const { loaded, traceId } = await oneCall({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(loaded.filter((file) => telemetry.test(file)).length).toBeGreaterThan(0);
    expect(new Set(received.map(({ route }) => route))).toEqual(new Set(['POST /v1/traces']));
    const sent = Buffer.concat(received.map(({ body }) => body));
    for (const part of ['chat gpt-5.5', Buffer.from(traceId ?? 'none', 'hex')]) expect(sent.includes(part)).toBe(true);
  });
});

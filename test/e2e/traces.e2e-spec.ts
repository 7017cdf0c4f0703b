import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { withSpan } from '../../src/platform/telemetry/index.js';
import { askOnSocket, bodyWith, canaries, headersWith } from '../support/canaries.js';
import { CodexSocket, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway, type TestGateway } from '../support/gateway.js';
import { useOtlp, type SentSpan } from '../support/otlp-receiver.js';
import { createdThenFailed, json, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const STEPS = ['policy', 'reserve', 'admission', 'route', 'attempt', 'stream', 'settle'];

const otlp = useOtlp();
const newTrace = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
const header = ({ traceId, spanId }: ReturnType<typeof newTrace>) => `00-${traceId}-${spanId}-01`;

/** The calls of a trace, each with the names of its steps as they began. */
function callsOf(traceId: string, calls: number) {
  return eventually(() => {
    const spans = otlp.spans().filter((span) => span.traceId === traceId);
    const roots = inOrder(spans.filter(({ name }) => name === 'chat gpt-5.5'));
    expect(roots).toHaveLength(calls);
    return roots.map((root) => {
      const steps = inOrder(spans.filter(({ parentSpanId }) => parentSpanId === root.spanId));
      return { root, steps, names: steps.map(({ name }) => name) };
    });
  });
}

const inOrder = (spans: readonly SentSpan[]): SentSpan[] =>
  [...spans].sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));

/** The span of the job that settled the call. */
const settlementOf = (root: SentSpan) =>
  eventually(() => {
    const jobs = otlp.spans().filter(({ name }) => name === 'job settlement/settle');
    const job = jobs.find(({ links = [] }) => links.some(({ spanId }) => spanId === root.spanId));
    if (!job) throw new Error('No job is linked to the call.');
    return job;
  });

const answered = async (response: Response): Promise<string> => {
  expect(response.status).toBe(200);
  return response.text();
};

describe('traces as they leave', () => {
  const upstream = new ScriptedUpstream();
  const lines: string[] = [];
  const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

  it('have one tree for a call, in the trace of its caller, and the trace is in the request row', async () => {
    const caller = newTrace();
    upstream.replyWith(hello());
    const response = await gateway.post(ask(), { headers: { traceparent: header(caller), baggage: 'user=alice' } });
    await answered(response);
    const [call] = await callsOf(caller.traceId, 1);
    expect([call?.root.parentSpanId, call?.names]).toEqual([caller.spanId, STEPS]);
    const row = await eventually(async () => {
      const settled = await gateway.settled(response.headers.get('x-request-id') ?? '');
      expect(settled).toBeDefined();
      return settled;
    });
    expect(row?.['trace_id']).toBe(caller.traceId);
  });

  it('link the job that settles a call to it, in a trace of its own', async () => {
    const caller = newTrace();
    upstream.replyWith(hello());
    await answered(await gateway.post(ask(), { headers: { traceparent: header(caller) } }));
    const [call] = await callsOf(caller.traceId, 1);
    if (!call) throw new Error('No call.');
    const job = await settlementOf(call.root);
    expect([job.parentSpanId, job.traceId === caller.traceId]).toEqual([undefined, false]);
    expect(job.links).toContainEqual(expect.objectContaining({ traceId: caller.traceId, spanId: call.root.spanId }));
  });

  it('have a tree for each turn of a websocket, and every attempt of it', async () => {
    const [opened, own] = [newTrace(), newTrace()];
    const socket = await CodexSocket.open(gateway, { headers: { traceparent: header(opened) } });
    upstream.replyWith(hello());
    expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    upstream.replyWith(createdThenFailed('server_is_overloaded'), hello());
    const metadata = { ws_request_header_traceparent: header(own) };
    const second = await socket.ask(turn({ client_metadata: metadata }));
    expect(second.map(typeOf).at(-1)).toBe('response.completed');
    socket.drop();
    const [first] = await callsOf(opened.traceId, 1);
    expect(first?.names).toEqual(STEPS);
    const [moved] = await callsOf(own.traceId, 1);
    expect(moved?.names).toEqual([
      'policy',
      'reserve',
      'admission',
      'route',
      'attempt',
      'route',
      'attempt',
      'stream',
      'settle',
    ]);
    const attempts = moved?.steps.filter(({ name }) => name === 'attempt') ?? [];
    expect(attempts.map(({ status }) => status.code)).toEqual([2, 0]);
  });

  it('are named in the log lines that are written inside of them', async () => {
    lines.length = 0;
    await withSpan('work', {}, () => Promise.resolve(new Logger('Worker').warn('inside')));
    new Logger('Worker').warn('outside');
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [inside, outside] = ['inside', 'outside'].map((what) => said.find(({ msg }) => msg === what));
    expect([inside?.['trace_id'], inside?.['span_id']]).toEqual([hex(32), hex(16)]);
    expect(outside).not.toHaveProperty('trace_id');
  });

  it('hold nothing of what was said, over HTTP or a websocket, answered or refused', async () => {
    const { canary, secrets } = canaries();
    const [good, bad] = [newTrace(), newTrace()];
    const post = (at: ReturnType<typeof newTrace>) =>
      gateway.post(bodyWith(canary), {
        headers: { ...headersWith(canary), traceparent: header(at), baggage: canary('baggage') },
      });
    upstream.replyWith(hello());
    await answered(await post(good));
    upstream.replyWith(json(400, { error: { message: canary('provider'), code: 'invalid_prompt' } }));
    await (await post(bad)).text();
    upstream.replyWith(hello());
    await askOnSocket(gateway, gateway.key, canary);
    await callsOf(good.traceId, 1);
    await callsOf(bad.traceId, 1);
    const sent = otlp.raw();
    expect(secrets.size).toBeGreaterThan(15);
    for (const [what, secret] of secrets) expect([what, sent.includes(secret)]).toEqual([what, false]);
    expect(sent.includes(gateway.key)).toBe(false);
  });

  it('never reach the upstream', () => {
    const sent = upstream.received.flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()));
    expect(sent).toContain('authorization');
    expect(sent.filter((name) => /^(traceparent|tracestate|baggage)$/.test(name))).toEqual([]);
  });
});

describe('an upstream that may be told of traces', () => {
  const upstream = new ScriptedUpstream();
  const gateway: TestGateway = useGateway({ upstream, env: { UPSTREAM_TRACE_CONTEXT: 'true' } });

  it('is told of the attempt, and of nothing else that the caller sent', async () => {
    const caller = newTrace();
    upstream.replyWith(hello());
    await answered(await gateway.post(ask(), { headers: { traceparent: header(caller), baggage: 'user=alice' } }));
    const [call] = await callsOf(caller.traceId, 1);
    const attempt = call?.steps.find(({ name }) => name === 'attempt');
    const told = new Map(upstream.received.filter(({ route }) => route === 'responses').at(-1)?.headers);
    expect(told.get('traceparent')).toBe(`00-${caller.traceId}-${attempt?.spanId ?? ''}-01`);
    expect(told.has('baggage')).toBe(false);
  });
});

const hex = (length: number): unknown => expect.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));

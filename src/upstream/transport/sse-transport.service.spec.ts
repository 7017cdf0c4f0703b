import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { collect, GatewayError, isVisible, terminalOf, type EventBatch } from '../../core/index.js';
import { useTinyServer } from '../../../test/support/tiny-server.js';
import { failureOf } from '../codex/failure.js';
import { SseTransport, type Expected, type TransportAnswer } from './sse-transport.service.js';
import { UpstreamHttp } from './upstream-http.service.js';

const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const CREATED = 'event: response.created\ndata: {"type":"response.created"}\n\n';
const DELTA = 'data: {"type":"response.output_text.delta","delta":"é"}\n\n';
const COMPLETED = 'data: {"type":"response.completed","response":{"id":"r"}}';

describe('SSE transport', () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 300 });
  const transport = new SseTransport(http, failureOf);
  afterAll(() => http.onApplicationShutdown());

  const open = (
    expected: Expected = 'events',
    signal = new AbortController().signal,
    origin = server.url,
  ): Promise<TransportAnswer> =>
    transport.open({ method: 'POST', origin, path: '/', headers: {}, body: '{}' }, expected, signal);
  const raw = (batches: readonly EventBatch[]): string =>
    Buffer.concat(batches.map((batch) => batch.raw)).toString('utf8');
  const types = (batches: readonly EventBatch[]): string[] =>
    batches.flatMap((batch) => batch.events.map((event) => event.type));
  const failure = async (work: Promise<unknown>): Promise<GatewayError> => {
    const thrown: unknown = await work.then(
      () => new Error('it succeeded'),
      (error: unknown) => error,
    );
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  };

  it('gives the events of a stream as they came, the last one also without its empty line', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { ...SSE, 'x-codex-turn-state': 'ts' });
      response.write(CREATED);
      response.end(DELTA + COMPLETED);
    };
    const answer = await open();
    const batches = await collect(answer.batches);
    expect([answer.status, answer.headers['x-codex-turn-state']]).toEqual([200, 'ts']);
    expect(raw(batches)).toBe(CREATED + DELTA + COMPLETED);
    expect(types(batches)).toEqual(['response.created', 'response.output_text.delta', 'response.completed']);
  });

  it('puts together what the network cut inside a character (trap 2)', async () => {
    const bytes = Buffer.from(DELTA + COMPLETED + '\n\n');
    const cut = bytes.indexOf(0xc3) + 1;
    server.answer = (_, response) => {
      response.writeHead(200, SSE);
      response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
    };
    const [first] = (await collect((await open()).batches)).flatMap((batch) => batch.events);
    expect(first?.json()).toMatchObject({ delta: 'é' });
  });

  it.each(['', 'text/plain', 'application/octet-stream'])(
    'takes a stream for one with content type %p',
    async (type) => {
      server.answer = (_, response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type });
        response.write('eve');
        setImmediate(() => response.end(CREATED.slice(3) + COMPLETED));
      };
      const answer = await open();
      expect(answer.headers['content-type']).toBe('text/event-stream');
      expect(types(await collect(answer.batches))).toEqual(['response.created', 'response.completed']);
    },
  );

  it.each([
    ['an HTML page', 'text/html', '<!DOCTYPE html><html>…</html>'],
    ['a JSON object', 'application/json', '{"id":"r"}'],
    ['nothing', 'text/plain', ''],
    ['half a word', 'text/plain', 'dat'],
  ])('refuses a 200 with %s where a stream was asked for', async (_, type, body) => {
    server.answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body);
    expect((await failure(open())).code).toBe('invalid_upstream_response');
  });

  it('gives a JSON answer as one batch of one event, byte for byte', async () => {
    const body = '{ "id":"r", "output":[], "n":1.0 }';
    server.answer = (_, response) => response.writeHead(200, JSON_TYPE).end(body);
    const batches = await collect((await open('json')).batches);
    expect([batches.length, raw(batches), batches[0]?.events[0]?.json()]).toEqual([
      1,
      body,
      { id: 'r', output: [], n: 1 },
    ]);
  });

  it('gives any other whole answer as it came where any will do', async () => {
    const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';
    server.answer = (_, response) => response.writeHead(201, { 'content-type': 'application/sdp' }).end(offer);
    const { status, batches } = await open('bytes');
    const [batch, ...more] = await collect(batches);
    expect([status, batch?.raw.toString(), more]).toEqual([201, offer, []]);
    expect(batch?.events.map((event) => [isVisible(event), terminalOf(event)])).toEqual([[true, undefined]]);
  });

  it('relays a failure that is no JSON where any answer will do', async () => {
    server.answer = (_, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('No.');
    expect((await failure(open('bytes'))).detail.relay).toMatchObject({ status: 500, body: Buffer.from('No.') });
    expect((await failure(open('json'))).detail.relay).toBeUndefined();
  });

  it('refuses JSON that ends in the middle', async () => {
    server.answer = (_, response) => response.writeHead(200, JSON_TYPE).end('{"id":"r","outp');
    expect((await failure(open('json'))).code).toBe('invalid_upstream_response');
  });

  it('refuses JSON whose connection breaks', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
      response.write('{"id":', () => response.destroy());
    };
    expect((await failure(open('json'))).code).toBe('invalid_upstream_response');
  });

  it('refuses JSON of more than 64 MiB without holding it', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    server.answer = (_, response) => {
      response.writeHead(200, JSON_TYPE);
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, more);
      };
      more();
    };
    expect((await failure(open('json'))).code).toBe('upstream_response_too_large');
  });

  it('ends a stream with a line of 8 MiB and no end as one failure, after the events before it', async () => {
    server.answer = (_, response) => {
      response.on('error', () => undefined);
      response.writeHead(200, SSE);
      response.write(CREATED);
      response.end(`data: ${'x'.repeat(9 * 1024 * 1024)}`);
    };
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of (await open()).batches) seen.push(...types([batch]));
    };
    expect((await failure(read())).code).toBe('upstream_response_too_large');
    expect(seen).toEqual(['response.created']);
  });

  it('tells a connection that is refused', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    await once(closed, 'close');
    const { code, failover } = await failure(open('events', undefined, `http://127.0.0.1:${port}`));
    expect([code, failover]).toEqual(['upstream_request_failed', true]);
  });

  it('tells a reset before the head', async () => {
    server.answer = (request) => request.socket.resetAndDestroy();
    expect((await failure(open())).code).toBe('upstream_request_failed');
  });

  it('tells a head that does not come', async () => {
    server.answer = () => undefined;
    expect((await failure(open())).code).toBe('upstream_timeout');
  });

  it('tells a reset in mid-stream, after the events before it', async () => {
    server.answer = (request, response) => {
      response.writeHead(200, SSE);
      response.write(CREATED, () => request.socket.resetAndDestroy());
    };
    expect((await failure(open().then((answer) => collect(answer.batches)))).code).toBe('stream_interrupted');
  });

  it('tells a stream that went silent', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, SSE);
      response.write(CREATED);
    };
    expect((await failure(open().then((answer) => collect(answer.batches)))).code).toBe('stream_idle_timeout');
  });

  it('just ends when the upstream ends without a terminal event', async () => {
    server.answer = (_, response) => response.writeHead(200, SSE).end(CREATED);
    expect(types(await collect((await open()).batches))).toEqual(['response.created']);
  });

  it('undoes an encoding that nobody asked for', async () => {
    server.answer = (request, response) => {
      expect(request.headers['accept-encoding']).toBeUndefined();
      response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' }).end(gzipSync(CREATED + COMPLETED));
    };
    expect(raw(await collect((await open()).batches))).toBe(CREATED + COMPLETED);
  });

  it('refuses an encoding that it cannot undo', async () => {
    server.answer = (_, response) => response.writeHead(200, { ...SSE, 'content-encoding': 'secret' }).end('x');
    expect((await failure(open())).code).toBe('invalid_upstream_response');
  });

  it('tells an encoding that is broken', async () => {
    server.answer = (_, response) => response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' }).end('not gzip');
    expect((await failure(open().then((answer) => collect(answer.batches)))).code).toBe('stream_interrupted');
  });

  it('keeps 64 KiB of an error answer', async () => {
    server.answer = (_, response) => response.writeHead(400, JSON_TYPE).end(`"${'x'.repeat(100_000)}"`);
    const { code, detail } = await failure(open());
    expect([code, detail.upstreamStatus, detail.relay]).toEqual(['upstream_refused', 400, undefined]);
  });

  it('lets the status speak when an error answer breaks off', async () => {
    server.answer = (_, response) => {
      response.writeHead(503, { ...JSON_TYPE, 'content-length': '1000' });
      response.write('{', () => response.destroy());
    };
    expect((await failure(open())).code).toBe('upstream_error');
  });
});

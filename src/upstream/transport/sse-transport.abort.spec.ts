import { once } from 'node:events';
import { GatewayError } from '../../core/index.js';
import { useTinyServer } from '../../../test/support/tiny-server.js';
import { failureOf } from '../codex/failure.js';
import { SseTransport } from './sse-transport.service.js';
import { UpstreamHttp } from './upstream-http.service.js';

const SSE = { 'content-type': 'text/event-stream' };
const CREATED = 'event: response.created\ndata: {"type":"response.created"}\n\n';

describe('SSE transport closes the connection', () => {
  const server = useTinyServer();
  const failure = async (work: Promise<unknown>): Promise<GatewayError> => {
    const thrown: unknown = await work.then(
      () => new Error('it succeeded'),
      (error: unknown) => error,
    );
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  };
  const endless = (): Promise<void> => {
    const socket = server.nextSocket().then((opened) => once(opened, 'close'));
    server.answer = (_, response) => {
      response.writeHead(200, SSE);
      response.write(CREATED);
    };
    return socket.then(() => undefined);
  };
  /** No connection of an earlier test is kept, so that the next request opens one that can be watched. */
  const fresh = () => new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 60_000 });
  const openFresh = (signal: AbortSignal) =>
    new SseTransport(fresh(), failureOf).open(
      { method: 'GET', origin: server.url, path: '/', headers: {} },
      'events',
      signal,
    );

  it('when the signal aborts before the head, and fails with its reason', async () => {
    const closed = endless();
    server.answer = () => gone.abort(new GatewayError('client_disconnected', 'The client left.'));
    const gone = new AbortController();
    expect((await failure(openFresh(gone.signal))).code).toBe('client_disconnected');
    await closed;
  });

  it('when the signal aborts in mid-stream, and fails with its reason', async () => {
    const closed = endless();
    const drain = new AbortController();
    const answer = await openFresh(drain.signal);
    const read = async (): Promise<void> => {
      for await (const _ of answer.batches) drain.abort(new GatewayError('draining', 'Restarting.'));
    };
    expect((await failure(read())).code).toBe('draining');
    await closed;
  });

  it('when the stream is given back unread', async () => {
    const closed = endless();
    const answer = await openFresh(new AbortController().signal);
    await answer.batches[Symbol.asyncIterator]().return?.();
    await closed;
  });

  it('when the stream is given back while its reader waits', async () => {
    const closed = endless();
    const answer = await openFresh(new AbortController().signal);
    const iterator = answer.batches[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = failure(iterator.next());
    await iterator.return?.();
    await closed;
    expect((await waiting).code).toBe('stream_interrupted');
  });
});

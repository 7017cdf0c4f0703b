import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../../../test/support/eventually.js';
import { bodyOf, useTinyServer } from '../../../test/support/tiny-server.js';
import type { GatewayError } from '../../core/index.js';
import type { UpstreamRequest } from './upstream-request.js';
import { UpstreamHttp } from './upstream-http.service.js';

const server = useTinyServer();
const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 5_000, UPSTREAM_IDLE_MS: 5_000 });
const never = new AbortController().signal;

afterAll(() => http.onApplicationShutdown());

const request = (body: UpstreamRequest['body']): UpstreamRequest => ({
  method: 'POST',
  origin: server.url,
  path: '/',
  headers: { 'content-type': 'application/json' },
  ...(body === undefined ? {} : { body }),
});

/** Only there when asked for, and a test may ask. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('a request to the upstream', () => {
  it.each([
    ['bytes', Buffer.from('{"a":"ü"}')],
    ['text', '{"a":"ü"}'],
    ['an empty body', Buffer.alloc(0)],
  ])('sends %s with their length, in one piece', async (_, body) => {
    const received = new Promise((done) => {
      server.answer = (incoming, response) => {
        response.end('{}');
        void bodyOf(incoming).then((text) => done([text, incoming.headers['content-length']]));
      };
    });
    const answer = await http.send(request(body), never);
    expect(await received).toEqual([body.toString(), String(Buffer.byteLength(body))]);
    answer.body.resume();
  });

  it('holds no copy of its body while the answer is still coming', async () => {
    server.answer = (incoming, response) => {
      incoming.resume().on('end', () => response.writeHead(200).write('begun'));
    };
    const sent = new WeakRef(Buffer.alloc(4 * 1024 * 1024, 'x'));
    const answer = await http.send(request(sent.deref()), never);
    await eventually(() => {
      collectGarbage();
      expect(sent.deref() === undefined).toBe(true);
    });
    answer.body.destroy();
  });

  it('that broke off while it was sent may have had an effect', async () => {
    server.answer = (incoming) => incoming.socket.destroy();
    const failure = await http.send(request('{}'), never).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'upstream_request_failed' });
    expect((failure as GatewayError).detail.unsent).toBeUndefined();
  });

  it('that met no server it can talk to had none', async () => {
    const origin = server.url.replace('http:', 'https:');
    const failure = http.send({ ...request('{}'), origin }, never);
    await expect(failure).rejects.toMatchObject({ code: 'upstream_request_failed', detail: { unsent: true } });
  });
});

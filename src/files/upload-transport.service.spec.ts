import type { IncomingMessage } from 'node:http';
import { bodyOf, useTinyServer } from '../../test/support/tiny-server.js';
import { UploadTransport } from './upload-transport.service.js';

const CONFIG = { UPSTREAM_CONNECT_MS: 5_000, UPSTREAM_IDLE_MS: 5_000 };

describe('bringing a file to where the upstream wants it', () => {
  const server = useTinyServer();
  const seen: { request: IncomingMessage; body: string }[] = [];
  const transport = new UploadTransport(CONFIG, { addresses: () => Promise.resolve(['127.0.0.1']) });
  const put = (over: { trusted?: boolean; host?: string; status?: number } = {}): Promise<number> => {
    const { trusted = true, host = '127.0.0.1', status = 201 } = over;
    server.answer = (request, response) => {
      void bodyOf(request).then((body) => {
        seen.push({ request, body });
        response.writeHead(status, { location: `${server.url}/elsewhere`, 'set-cookie': 'a=b' }).end('<ok/>');
      });
    };
    const url = new URL(`${server.url.replace('127.0.0.1', host)}/u/1?sig=x%2Fy&a=%20`);
    const upload = { url, trusted, contentType: 'text/plain', bytes: Buffer.from('hello') };
    return transport.put(upload, new AbortController().signal);
  };
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => transport.onApplicationShutdown());

  it('sends the bytes to the URL as it was signed, with nothing about who we are', async () => {
    expect([await put(), await put()]).toEqual([201, 201]);
    const [, { request, body } = { request: undefined, body: '' }] = seen;
    expect([request?.method, request?.url, body]).toEqual(['PUT', '/u/1?sig=x%2Fy&a=%20', 'hello']);
    expect(request?.headers).toEqual({
      host: new URL(server.url).host,
      connection: 'keep-alive',
      'content-type': 'text/plain',
      'content-length': '5',
      'x-ms-blob-type': 'BlockBlob',
    });
  });

  it.each([301, 302, 307, 308])('follows no redirect: %i', async (status) => {
    expect(await put({ status })).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it('connects to no host that has a private address by now', async () => {
    await expect(put({ trusted: false, host: 'files.example.com' })).rejects.toThrow('not public');
    expect(seen).toEqual([]);
  });

  it('ends when its caller leaves', async () => {
    const leave = new AbortController();
    server.answer = () => leave.abort(new Error('left'));
    const upload = { url: new URL(server.url), trusted: true, contentType: 'text/plain', bytes: Buffer.from('hello') };
    await expect(transport.put(upload, leave.signal)).rejects.toThrow('left');
  });
});

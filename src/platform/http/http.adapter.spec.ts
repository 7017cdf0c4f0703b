import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { httpApp, refusal, type HttpApp } from '../../../test/support/http-app.js';
import { RawConnection } from '../../../test/support/raw-http.js';
import { zstdRepeated, zstdStored } from '../../../test/support/zstd-frame.js';
import { GatewayError } from '../../core/index.js';
import { parseJsonObject, requireJson, type IngressStep } from './index.js';

@Controller()
class EchoController {
  @Post('echo')
  @HttpCode(200)
  echo(@Req() { body, headers }: FastifyRequest) {
    requireJson(headers['content-type']);
    return { keys: Object.keys(parseJsonObject(body as Buffer | undefined)) };
  }
}

const bouncer: IngressStep = ({ headers }) => {
  if (headers['x-refuse'] !== undefined) throw new GatewayError('api_key_missing', 'no');
  return undefined;
};

const KIB = 1024;

describe('the HTTP adapter', () => {
  let gateway: HttpApp;
  const open: RawConnection[] = [];

  beforeAll(async () => {
    const limits = { plainBytes: 512 * KIB, compressedBytes: 64 * KIB, idleMs: 250, inflateMs: 250 };
    gateway = await httpApp({ controllers: [EchoController], steps: [bouncer], limits });
  });
  afterAll(() => gateway.app.close());
  afterEach(() => open.splice(0).forEach((connection) => connection.close()));

  const raw = async (...bytes: (string | Buffer)[]) => {
    const connection = await RawConnection.open(gateway.port);
    open.push(connection);
    for (const piece of bytes) connection.send(piece);
    return connection;
  };
  const head = (...lines: string[]) =>
    ['POST /echo HTTP/1.1', 'host: x', 'content-type: application/json', ...lines, '', ''].join('\r\n');
  const post = async (body: string | Buffer | null, given: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/json', ...given };
    const response = await fetch(`${gateway.url}/echo`, { method: 'POST', headers, body });
    return [response.status, await response.json()] as const;
  };

  it.each([
    ['gzip that is text', Buffer.from('{}'), { 'content-encoding': 'gzip' }, 400, 'invalid_request'],
    ['an unknown encoding', '{}', { 'content-encoding': 'rot13' }, 415, 'unsupported_content_encoding'],
    [
      'compressed text',
      Buffer.from('x'),
      { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
      415,
      'unsupported_media_type',
    ],
    [
      '64 KiB and one byte, compressed',
      Buffer.alloc(64 * KIB + 1),
      { 'content-encoding': 'zstd' },
      413,
      'compressed_request_too_large',
    ],
    ['512 KiB and one byte', Buffer.alloc(512 * KIB + 1, ' '), {}, 413, 'decompressed_request_too_large'],
    [
      'a zstd bomb',
      zstdRepeated('x', 100_000 * KIB),
      { 'content-encoding': 'zstd' },
      413,
      'decompressed_request_too_large',
    ],
    [
      'half a zstd frame',
      zstdStored(Buffer.from('{"a":1}')).subarray(0, -2),
      { 'content-encoding': 'zstd' },
      400,
      'invalid_request',
    ],
    ['an array', '[]', {}, 400, 'invalid_request'],
    ['a string', '"x"', {}, 400, 'invalid_request'],
    ['an open brace', '{', {}, 400, 'invalid_request'],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 400, 'invalid_request'],
    ['a content type that is none', '{}', { 'content-type': 'json' }, 400, 'invalid_request'],
  ])('refuses %s', async (_, body, headers, status, code) => {
    expect(await post(body, headers)).toEqual([status, refusal(code)]);
  });

  it('tells the ratio of a bomb before its size', async () => {
    const bomb = zstdRepeated('x', 400 * KIB);
    expect(await post(bomb, { 'content-encoding': 'zstd' })).toEqual([413, refusal('decompression_ratio_exceeded')]);
  });

  it('takes no body as an empty object', async () => {
    const connection = await raw('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\r\n');
    expect((await connection.until('keys')).status).toBe(200);
    expect(await post('')).toEqual([200, { keys: [] }]);
  });

  it('takes a chunked body without a length', async () => {
    const connection = await raw(head('transfer-encoding: chunked'), '3\r\n{"a\r\n', '4\r\n":1}\r\n', '0\r\n\r\n');
    expect((await connection.until('keys')).status).toBe(200);
  });

  it('counts a chunked body as it comes', async () => {
    const chunk = `${(256 * KIB).toString(16)}\r\n${' '.repeat(256 * KIB)}\r\n`;
    const connection = await raw(head('transfer-encoding: chunked'), chunk, chunk, chunk);
    const { status, body } = await connection.untilClosed();
    expect([status, JSON.parse(body)]).toEqual([413, refusal('decompressed_request_too_large')]);
  });

  it('answers a body that stalls with 408, and closes', async () => {
    const connection = await raw(head('content-length: 100'), '{"a":');
    const { status, body, headers } = await connection.untilClosed();
    expect([status, JSON.parse(body), headers['connection']]).toEqual([408, refusal('request_timeout'), 'close']);
  });

  it('answers a compressed body that stalls with its own 408', async () => {
    const connection = await raw(head('content-encoding: gzip', 'content-length: 100'), Buffer.from([0x1f, 0x8b]));
    const { status, body } = await connection.untilClosed();
    expect([status, JSON.parse(body)]).toEqual([408, refusal('request_decompression_timeout')]);
  });

  it('lives on when the client leaves half way', async () => {
    const connection = await raw(head('content-length: 100'), '{"a":');
    connection.close();
    expect((await post('{}'))[0]).toBe(200);
  });

  it.each([
    [
      'a header of 1 MB',
      `GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(1_000_000)}\r\n\r\n`,
      431,
      'request_header_too_large',
    ],
    ['a target of 1 MB', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, 'request_header_too_large'],
    ['what is not HTTP', 'hello\r\n\r\n', 400, 'invalid_request'],
    ['two lengths', head('content-length: 1', 'content-length: 2'), 400, 'invalid_request'],
    ['a length and chunks', head('content-length: 1', 'transfer-encoding: chunked'), 400, 'invalid_request'],
    ['a chunk without a size', `${head('transfer-encoding: chunked')}zz\r\n`, 400, 'invalid_request'],
    ['a body that ends with the connection', `${head('content-length: 100')}{`, 400, 'invalid_request'],
  ])('answers %s with a clear 4xx, and closes', async (name, bytes, status, code) => {
    const connection = await raw(bytes);
    if (name.includes('ends with')) connection.socket.end();
    const answer = await connection.untilClosed();
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, refusal(code)]);
    expect(answer.headers).toMatchObject({
      connection: 'close',
      'x-pooler-error-source': 'gateway',
      'x-request-id': expect.any(String) as string,
    });
    expect((await post('{}'))[0]).toBe(200);
  });

  it('keeps the connection of a client whose small body was refused unread', async () => {
    const connection = await raw(head('x-refuse: throw', 'content-length: 2'), '{}');
    expect((await connection.until('api_key_missing')).status).toBe(401);
    connection.send(`${head('content-length: 7')}{"b":1}`);
    expect((await connection.until('"b"')).text).toMatch(/401 .*200 OK/s);
  });

  it('does not ask for a body that it will refuse, and asks for one that it wants', async () => {
    const refused = await raw(head('expect: 100-continue', 'x-refuse: throw', 'content-length: 1000000'));
    expect((await refused.untilClosed()).text).toMatch(/^HTTP\/1.1 401 /);
    const wanted = await raw(head('expect: 100-continue', 'content-length: 7'));
    await wanted.until('100 Continue');
    wanted.send('{"c":1}');
    expect((await wanted.until('"c"')).text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });

  it('refuses 100 MB before reading them, and is heard by a client that sends them all the same', async () => {
    const connection = await raw(head('x-refuse: throw', 'content-length: 100000000'));
    const early = await connection.until('api_key_missing');
    expect([early.status, early.headers['connection']]).toEqual([401, 'close']);
    const { status } = await (
      await raw(head('x-refuse: throw', 'content-length: 8000000'), Buffer.alloc(8_000_000))
    ).untilClosed();
    expect(status).toBe(401);
  });

  it('takes 64 MiB by default, and not one byte more, declared or not', async () => {
    const full = await httpApp({ controllers: [EchoController] });
    const limit = 64 * 1024 * KIB;
    const bodies = [Buffer.alloc(limit, ' '), Buffer.alloc(limit + 1, ' ')].map((body) => (body.write('{}'), body));
    const statuses = [];
    for (const body of bodies) {
      for (const framed of [`content-length: ${body.length}`, 'transfer-encoding: chunked']) {
        const connection = await RawConnection.open(full.port);
        connection.send(head(framed, 'connection: close'));
        if (framed.startsWith('content')) connection.send(body);
        else
          connection
            .send(`${body.length.toString(16)}\r\n`)
            .send(body)
            .send('\r\n0\r\n\r\n');
        statuses.push((await connection.untilClosed()).status);
      }
    }
    expect(statuses).toEqual([200, 200, 413, 413]);
    await full.app.close();
  });
});

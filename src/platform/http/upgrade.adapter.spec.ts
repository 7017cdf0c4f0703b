import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { FastifyRequest } from 'fastify';
import { WebSocket } from 'ws';
import { httpApp, refusal, type HttpApp } from '../../../test/support/http-app.js';
import { RawConnection, type RawAnswer } from '../../../test/support/raw-http.js';
import { GatewayError, type Principal } from '../../core/index.js';
import { LiveStreams, type ClientSocket, type DoorOptions, type IngressStep, type Upgraded } from './index.js';
import type { WebsocketDoor } from './websocket-door.js';

const KEY = 'Bearer right';
let steps = 0;
/** Held back until it resolves, when a test wants the checks to take their time. */
let pause: Promise<void> = Promise.resolve();

const authenticate: IngressStep = async (request) => {
  steps += 1;
  await pause;
  if (request.path === '/pruned') return { status: 404, headers: { 'content-type': 'text/html' }, body: 'Not Found' };
  if (request.headers.authorization !== KEY) throw new GatewayError('api_key_missing', 'No key.');
  request.caller = { keyId: 'k' } as Principal;
  return undefined;
};

@WebSocketGateway<DoorOptions>({ path: '/echo', aliases: ['/pruned', '/v1/echo'] })
class EchoGateway {
  static refusing: GatewayError | undefined;
  static upgrade: Upgraded | undefined;

  constructor(private readonly live: LiveStreams) {}

  afterInit(door: WebsocketDoor): void {
    door.admit = async () => {
      if (EchoGateway.refusing) throw EchoGateway.refusing;
      return { 'x-models-etag': 'W/"1"' };
    };
  }

  handleConnection(socket: ClientSocket, upgrade: Upgraded): void {
    EchoGateway.upgrade = upgrade;
    void this.live.serve(socket, async () => {
      for await (const frame of socket.frames) await socket.send(frame.toString());
    });
  }
}

@Controller('plain')
class PlainController {
  @Get()
  get(@Req() { headers }: FastifyRequest) {
    return { upgrade: headers.upgrade ?? null };
  }

  @Post()
  post(@Body() body: Buffer) {
    return { body: body.toString() };
  }
}

const HANDSHAKE =
  'host: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const AUTHORIZED = `authorization: ${KEY}\r\n`;

describe('UpgradeAdapter', () => {
  let gateway: HttpApp;

  beforeEach(async () => {
    [steps, pause, EchoGateway.refusing] = [0, Promise.resolve(), undefined];
    gateway = await httpApp({
      controllers: [PlainController],
      gateways: [EchoGateway],
      steps: [authenticate],
      env: { JSON_LIMIT_BYTES: '65536', COMPRESSED_LIMIT_BYTES: '65536', DRAIN_MS: '100' },
    });
  });

  afterEach(() => gateway.app.close());

  const raw = async (path: string, headers: string, method = 'GET', body = '') =>
    (await RawConnection.open(gateway.port)).send(`${method} ${path} HTTP/1.1\r\n${headers}\r\n${body}`);
  const refused = async (path: string, headers: string): Promise<RawAnswer> => (await raw(path, headers)).untilClosed();
  const connect = (options: object = {}) =>
    new WebSocket(`ws://127.0.0.1:${gateway.port}/echo`, { headers: { authorization: KEY }, ...options });

  it('passes the steps of every request before its 101, which carries the headers of its gateway', async () => {
    const client = connect({ headers: { authorization: KEY, 'x-request-id': 'a-request-id-of-the-client' } });
    const [{ headers, statusCode }] = (await once(client, 'upgrade')) as [{ headers: object; statusCode: number }];
    expect(statusCode).toBe(101);
    expect(headers).toMatchObject({ 'x-models-etag': 'W/"1"', 'x-request-id': 'a-request-id-of-the-client' });
    expect(steps).toBe(1);
    client.close();
    await once(client, 'close');
  });

  it('lets a gateway ask all steps again', async () => {
    const client = connect();
    await once(client, 'open');
    await expect(EchoGateway.upgrade?.readmit()).resolves.toMatchObject({ keyId: 'k' });
    expect(steps).toBe(2);
    client.terminate();
  });

  it('negotiates neither compression nor a subprotocol (trap 55)', async () => {
    const connection = await raw(
      '/echo',
      `${HANDSHAKE}${AUTHORIZED}sec-websocket-protocol: a, b\r\nsec-websocket-extensions: permessage-deflate\r\n`,
    );
    const { status, headers } = await connection.until('\r\n\r\n');
    expect(status).toBe(101);
    expect(Object.keys(headers).filter((name) => /extensions|protocol/.test(name))).toEqual([]);
    connection.close();
  });

  it.each([
    ['a wrong key', '/echo', HANDSHAKE, 401, 'api_key_missing'],
    ['a malformed websocket key', '/echo', HANDSHAKE.replace('dGhlIH', '') + AUTHORIZED, 400, 'invalid_request'],
    ['an unknown version', '/v1/echo', HANDSHAKE.replace('13', '12') + AUTHORIZED, 400, 'invalid_request'],
  ])('refuses %s with a real HTTP answer, and closes', async (_, path, headers, status, code) => {
    const answer = await refused(path, headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual(refusal(code));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(answer.body.length),
      'x-pooler-error-source': 'gateway',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      connection: 'close',
    });
  });

  it('sends the refusal of a step as the step has worded it', async () => {
    const { status, headers, body } = await refused('/pruned', HANDSHAKE);
    expect([status, headers['content-type'], body]).toEqual([404, 'text/html', 'Not Found']);
  });

  it('tells with a 426 what could be spoken here at other times', async () => {
    EchoGateway.refusing = new GatewayError('websocket_unavailable', 'Use HTTP.');
    const { status, headers, body } = await refused('/echo', HANDSHAKE + AUTHORIZED);
    expect([status, headers['upgrade'], JSON.parse(body)]).toEqual([
      426,
      'websocket',
      refusal('websocket_unavailable'),
    ]);
  });

  it('refuses with 503 while the process is leaving', async () => {
    gateway.app.get(LiveStreams).drain();
    const { status, body } = await refused('/echo', HANDSHAKE + AUTHORIZED);
    expect([status, JSON.parse(body)]).toEqual([503, refusal('draining')]);
  });

  it.each([
    ['h2c, as curl does', 'GET', '/plain', 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n', ''],
    ['a websocket where there is none', 'GET', '/plain', 'connection: Upgrade\r\nupgrade: websocket\r\n', ''],
    ['an upgrade of a POST', 'POST', '/plain', 'connection: Upgrade\r\nupgrade: h2c\r\ncontent-length: 5\r\n', 'hello'],
  ])(
    'serves a request for %s as if it had not asked, and keeps the connection',
    async (_, method, path, asking, body) => {
      const connection = await raw(path, `host: x\r\n${AUTHORIZED}${asking}`, method, body);
      const wanted = method === 'GET' ? '{"upgrade":null}' : '{"body":"hello"}';
      const answer = await connection.until(wanted);
      expect([answer.status, answer.headers['connection']]).toEqual([method === 'GET' ? 200 : 201, 'keep-alive']);
      connection.send(`GET /plain HTTP/1.1\r\nhost: x\r\n${AUTHORIZED}\r\n`);
      await connection.until('{"upgrade":null}');
      connection.close();
    },
  );

  it('answers a websocket on an unknown path as any unknown path', async () => {
    const answer = await (await raw('/nothing', HANDSHAKE + AUTHORIZED)).until('not_found');
    expect([answer.status, answer.headers['connection']]).toEqual([404, 'keep-alive']);
  });

  it('closes 1009 on a message beyond the limit, and 1003 on a binary one', async () => {
    for (const [frame, code] of [
      ['x'.repeat(65_537), 1009],
      [Buffer.from('x'), 1003],
    ] as const) {
      const client = connect();
      await once(client, 'open');
      client.send(frame);
      expect(await once(client, 'close')).toEqual([code, expect.anything()]);
    }
  });

  it('takes a message of exactly the limit', async () => {
    const client = connect();
    await once(client, 'open');
    client.send('x'.repeat(65_536));
    const [data] = (await once(client, 'message')) as [Buffer];
    expect(data).toHaveLength(65_536);
    client.terminate();
  });

  it('does not wait for checks that do not end', async () => {
    pause = new Promise(() => undefined);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    try {
      const connection = await raw('/echo', HANDSHAKE + AUTHORIZED);
      await once(gateway.app.getHttpServer(), 'upgrade');
      jest.advanceTimersByTime(10_000);
      const { status, body } = await connection.until('}}');
      expect([status, JSON.parse(body)]).toEqual([503, refusal('settings_unavailable')]);
      connection.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('forgets a handshake whose client leaves meanwhile', async () => {
    let go: () => void = () => undefined;
    pause = new Promise((resolve) => (go = resolve));
    const connection = await raw('/echo', HANDSHAKE + AUTHORIZED);
    const [, socket] = (await once(gateway.app.getHttpServer(), 'upgrade')) as [unknown, Socket];
    const closed = new Promise((done) => socket.once('close', done));
    connection.socket.resetAndDestroy();
    socket.resume();
    await closed;
    EchoGateway.upgrade = undefined;
    go();
    await new Promise(setImmediate);
    expect(EchoGateway.upgrade).toBeUndefined();
  });

  it('does not hang on a handshake whose checks are still under way when the process leaves', async () => {
    let go: () => void = () => undefined;
    pause = new Promise((resolve) => (go = resolve));
    const connection = await raw('/echo', HANDSHAKE + AUTHORIZED);
    await once(gateway.app.getHttpServer(), 'upgrade');
    await gateway.app.close();
    expect((await connection.untilClosed()).text).toBe('');
    go();
  });
});

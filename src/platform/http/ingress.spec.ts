import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { httpApp, refusal, type HttpApp } from '../../../test/support/http-app.js';
import { RawConnection } from '../../../test/support/raw-http.js';
import { GatewayError } from '../../core/index.js';
import { parseJsonObject, requireJson, type IngressStep } from './index.js';

const seen: string[] = [];

@Controller()
class ProbeController {
  @Post('echo')
  @HttpCode(200)
  echo(@Req() { body, headers, ingress }: FastifyRequest) {
    seen.push('handler');
    requireJson(headers['content-type']);
    const object = parseJsonObject(body as Buffer | undefined);
    return { path: ingress?.path, keys: Object.keys(object), isBuffer: Buffer.isBuffer(body) };
  }

  @Get('broken')
  broken() {
    throw new Error('a secret');
  }

  @Get('relayed')
  relayed() {
    const relay = { status: 400, contentType: 'text/plain', body: Buffer.from('theirs') };
    throw new GatewayError('upstream_refused', 'no', { relay });
  }
}

const steps: readonly IngressStep[] = [
  ({ path, headers }) => {
    seen.push(`first ${path}`);
    if (headers['x-refuse'] === 'answer') return { status: 404, headers: { 'content-type': 'text/html' }, body: 'No' };
    return undefined;
  },
  async ({ method, headers }) => {
    seen.push(`second ${method}`);
    if (headers['x-refuse'] === 'throw') throw new GatewayError('api_key_missing', 'no', { param: 'key' });
    return undefined;
  },
];

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

describe('registerIngress', () => {
  let gateway: HttpApp;

  beforeAll(async () => {
    gateway = await httpApp({ controllers: [ProbeController], steps });
  });
  afterAll(() => gateway.app.close());
  beforeEach(() => seen.splice(0));

  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/echo`, {
      ...JSON_POST,
      headers: { ...JSON_POST.headers, ...headers },
      body,
    });
    return [response.status, await response.json()] as const;
  };
  it('runs the steps in order, then the handler, which gets the bytes', async () => {
    expect(await post('{"a":1}')).toEqual([200, { path: '/echo', keys: ['a'], isBuffer: true }]);
    expect(seen).toEqual(['first /echo', 'second POST', 'handler']);
  });

  it('lets a step refuse by throwing', async () => {
    expect(await post('{}', { 'x-refuse': 'throw' })).toEqual([401, refusal('api_key_missing', 'key')]);
    expect(seen).toEqual(['first /echo', 'second POST']);
  });

  it('lets a step refuse with an answer of its own', async () => {
    const response = await fetch(`${gateway.url}/echo`, { ...JSON_POST, headers: { 'x-refuse': 'answer' }, body: '{' });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      404,
      'text/html',
      'No',
    ]);
    expect(response.headers.get('x-pooler-error-source')).toBe('gateway');
    expect(seen).toEqual(['first /echo']);
  });

  it('runs the steps on paths that no route serves, decoded once (trap 59)', async () => {
    const response = await fetch(`${gateway.url}/%6eothing%2520?q=1`);
    expect([response.status, await response.json()]).toEqual([404, refusal('not_found')]);
    expect(seen).toEqual(['first /nothing%20', 'second GET']);
  });

  it.each(['/echo%2fx', '/echo%5Cx', '/echo%00', '/%', '/%c3%28'])(
    'refuses the path %s before any step',
    async (path) => {
      const connection = await RawConnection.open(gateway.port);
      connection.send(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      const { status, body, headers } = await connection.untilClosed();
      expect([status, JSON.parse(body)]).toEqual([400, refusal('invalid_request')]);
      expect([headers['x-pooler-error-source'], headers['x-request-id']]).toEqual(['gateway', expect.any(String)]);
      expect(seen).toEqual([]);
    },
  );

  it.each([
    ['a client id of 20 visible characters', 'a'.repeat(20), true],
    ['a client id of 200', '~'.repeat(200), true],
    ['one of 19', 'a'.repeat(19), false],
    ['one of 201', 'a'.repeat(201), false],
    ['one with a space', `${'a'.repeat(20)} b`, false],
    ['none', undefined, false],
  ])('answers %s with an x-request-id', async (_, id, echoed) => {
    const headers = id === undefined ? {} : { 'x-request-id': id };
    for (const path of ['/echo', '/nothing', '/broken']) {
      const given = (await fetch(`${gateway.url}${path}`, { headers })).headers.get('x-request-id');
      expect(given).toEqual(echoed ? id : expect.stringMatching(/^[0-9a-f-]{36}$/));
    }
  });

  it('says nothing of an error of its own', async () => {
    const response = await fetch(`${gateway.url}/broken`);
    expect([response.status, await response.json()]).toEqual([500, refusal('internal')]);
    expect(response.headers.get('x-pooler-error-source')).toBe('gateway');
  });

  it('passes on an upstream answer with its own type, and says whose it is', async () => {
    const response = await fetch(`${gateway.url}/relayed`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      400,
      'text/plain',
      'theirs',
    ]);
    expect(response.headers.get('x-pooler-error-source')).toBe('upstream');
  });
});

import { gzipSync } from 'node:zlib';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { useDatabase } from '../../test/support/database.js';
import { httpApp, refusal, type HttpApp } from '../../test/support/http-app.js';
import { RawConnection } from '../../test/support/raw-http.js';
import type { Principal } from '../core/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import { SharedStateModule } from '../platform/shared-state/index.js';
import { AuthModule, Caller, ingressSteps, KeyAdminService, PoolKeyService, PoolService } from './index.js';

let bodiesRead = 0;

@Controller()
class ServedController {
  @Post(['backend-api/codex/responses', 'backend-api/codex/images/edits', 'v1/responses'])
  @HttpCode(200)
  read(@Req() { body }: FastifyRequest, @Caller() { keyLabel, pool }: Principal) {
    bodiesRead += 1;
    return { keyLabel, slug: pool.slug, bytes: Buffer.isBuffer(body) ? body.length : 0 };
  }

  @Get('unguarded')
  unguarded(@Caller() caller: Principal) {
    return caller;
  }

  @Get('healthz')
  healthz() {
    return { status: 'ok' };
  }
}

const PAST = new Date('2020-01-01T00:00:00Z');
const NATIVE = '/backend-api/codex/responses';
const PUBLIC = '/v1/responses';

describe('the ingress with Pool keys', () => {
  const database = useDatabase();
  let gateway: HttpApp;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    gateway = await httpApp({
      controllers: [ServedController],
      imports: [
        DatabaseModule.forRoot(database.url(), { poolSize: 4 }),
        SharedStateModule.forRoot({ REDIS_URL: undefined }),
        AuthModule,
      ],
      steps: (app) =>
        ingressSteps({
          keys: app.get(PoolKeyService),
          servedNativeRoutes: ['responses', 'images/edits'].map((path) => ({
            method: 'POST',
            path: `/backend-api/codex/${path}`,
          })),
          servedV1Routes: [{ method: 'POST', path: PUBLIC }],
          now: () => Date.now(),
        }),
    });
    const [pools, keys] = [gateway.app.get(PoolService), gateway.app.get(KeyAdminService)];
    const team = await pools.createPool('team');
    const strict = await pools.createPool('strict', { v1Enabled: false, imageGenerationEnabled: false });
    const resting = await pools.createPool('resting', { status: 'disabled' });
    tokens.good = (await keys.createKey(team.id, 'ci')).token;
    tokens.expired = (await keys.createKey(team.id, 'old', { expiresAt: PAST })).token;
    tokens.strict = (await keys.createKey(strict.id, 'ci')).token;
    tokens.resting = (await keys.createKey(resting.id, 'ci')).token;
    const revoked = await keys.createKey(team.id, 'gone');
    tokens.revoked = revoked.token;
    await keys.revokeKey(revoked.key.prefix);
    const paused = await keys.createKey(team.id, 'paused');
    tokens.paused = paused.token;
    await database.dataSource().query(`UPDATE pool_key SET status = 'paused' WHERE id = $1`, [paused.key.id]);
  });
  afterAll(() => gateway.app.close());
  beforeEach(() => (bodiesRead = 0));

  const call = async (path: string, headers: Record<string, string>, body: string | Buffer = '{}', method = 'POST') => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await response.text();
    return [response.status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text] as const;
  };
  const bearer = (name: string) => ({ authorization: `Bearer ${tokens[name] ?? name}` });

  it.each([NATIVE, PUBLIC])('lets a good key in on %s, and hands the caller on', async (path) => {
    expect(await call(path, bearer('good'))).toEqual([200, { keyLabel: 'ci', slug: 'team', bytes: 2 }]);
  });

  it.each([NATIVE, PUBLIC, '/v1/embeddings', '/v1/realtime/x'])(
    'answers 401 api_key_missing on %s to whoever has no good key',
    async (path) => {
      const good = tokens.good ?? '';
      const variants: Record<string, string>[] = [
        {},
        { authorization: good },
        { authorization: `Basic ${good}` },
        { authorization: `Bearer ${good}x` },
        { authorization: `Bearer ${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}` },
        { authorization: 'Bearer sk-cxp-ffffffffffff-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
        { 'x-api-key': good },
        { 'api-key': good },
        { cookie: `authorization=${good}` },
        bearer('resting'),
      ];
      const answers = await Promise.all(variants.map((headers) => call(`${path}?api_key=${good}`, headers, '{')));
      expect(answers).toEqual(variants.map(() => [401, refusal('api_key_missing')]));
      expect(bodiesRead).toBe(0);
    },
  );

  it('knows the scheme in any case on /v1, and only as Codex clients write it elsewhere', async () => {
    const authorization = `bearer ${tokens.good ?? ''}`;
    expect((await call(PUBLIC, { authorization }))[0]).toBe(200);
    expect(await call(NATIVE, { authorization }, '{')).toEqual([401, refusal('api_key_missing')]);
  });

  it.each(['revoked', 'paused', 'expired'])(
    'says natively that a key is %s, and on /v1 only that it cannot be used',
    async (state) => {
      expect(await call(NATIVE, bearer(state), '{')).toEqual([401, refusal(`api_key_${state}`)]);
      expect(await call(PUBLIC, bearer(state), '{')).toEqual([401, refusal('api_key_disabled')]);
    },
  );

  it('reads the first of two authorization headers', async () => {
    const connection = await RawConnection.open(gateway.port);
    const lines = [`authorization: Bearer nobody`, `authorization: Bearer ${tokens.good}`];
    connection.send(`POST ${NATIVE} HTTP/1.1\r\nhost: x\r\n${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`);
    expect((await connection.untilClosed()).status).toBe(401);
  });

  it.each([PUBLIC, '/v1/embeddings', '/v1'])(
    'answers 403 on %s when the Pool has no /v1, whatever the body',
    async (path) => {
      expect(await call(path, bearer('strict'), '{')).toEqual([403, refusal('v1_compatibility_disabled')]);
      expect((await call(NATIVE, bearer('strict')))[0]).toBe(200);
    },
  );

  it.each([
    'POST /v1/embeddings',
    'POST /v1/%65mbeddings',
    'POST /v1/moderations',
    'GET /v1/responses/resp_1',
    'DELETE /v1/responses/resp_1',
    'GET /v1/realtime',
    'POST /v1/realtime/sessions',
    'GET /v1/responses',
    'POST /v1/responses/',
    'GET /v1',
  ])('answers %s with the exact unsupported answer', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const [status, body] = await call(path, bearer('good'), '{', method);
    expect([status, JSON.stringify(body)]).toEqual([
      404,
      '{"error":{"message":"This OpenAI endpoint is not supported by this gateway","type":"invalid_request_error","code":"unsupported_endpoint","param":null}}',
    ]);
  });

  it('answers a native path that nobody serves with plain text to anybody', async () => {
    expect(await call('/backend-api/codex/nothing', bearer('good'))).toEqual([404, 'Not Found']);
    for (const path of ['/backend-api/codex/safety/arc', '/backend-api/codex/saf%65ty/arc']) {
      expect(await call(path, {}, '{')).toEqual([404, 'Not Found']);
    }
  });

  it('refuses image generation before it reads the body (trap 56)', async () => {
    const path = '/backend-api/codex/images/edits';
    expect(await call(path, bearer('strict'), '{')).toEqual([403, refusal('image_generation_disabled')]);
    expect((await call(path, bearer('good')))[0]).toBe(200);
  });

  it('does not decompress for whoever has no key (trap 58)', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, 'x'));
    expect(await call(NATIVE, { 'content-encoding': 'gzip' }, bomb)).toEqual([401, refusal('api_key_missing')]);
    const compressed = { ...bearer('good'), 'content-encoding': 'gzip' };
    expect(await call(NATIVE, compressed, bomb)).toEqual([413, refusal('decompression_ratio_exceeded')]);
    expect(bodiesRead).toBe(0);
  });

  it('is no bypass with an encoded slash (trap 59)', async () => {
    expect(await call('/backend-api%2fcodex/responses', {})).toEqual([400, refusal('invalid_request')]);
    expect((await call('//backend-api/codex/responses', {}))[0]).toBe(404);
    expect((await call('/Backend-Api/codex/responses', {}))[0]).toBe(404);
    expect(bodiesRead).toBe(0);
  });

  it('answers 401 to 100 MB without a key while none of them has come (trap 56)', async () => {
    const connection = await RawConnection.open(gateway.port);
    connection.send(
      `POST ${NATIVE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n`,
    );
    const { status, headers } = await connection.until('api_key_missing');
    expect([status, headers.connection, bodiesRead]).toEqual([401, 'close', 0]);
    connection.close();
  });

  it('asks for no key on the paths of our own operation, and hands no caller out there', async () => {
    expect(await call('/healthz', {}, '', 'GET')).toEqual([200, { status: 'ok' }]);
    expect(await call('/unguarded', bearer('good'), '', 'GET')).toEqual([401, refusal('api_key_missing')]);
  });
});

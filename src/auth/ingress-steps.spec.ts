import { GatewayError, type ErrorCode, type KeyId, type PoolPolicy, type Principal } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import type { IngressRequest } from '../platform/http/index.js';
import { ingressSteps } from './ingress-steps.js';

const NOW_MS = 1_800_000_000_000;
const policy: PoolPolicy = aPoolPolicy();

const caller = (pool: Partial<PoolPolicy> = {}): Principal => ({
  keyId: 'key-1' as KeyId,
  keyLabel: 'ci',
  pool: { ...policy, ...pool },
});

/** Runs the steps as the ingress does. `who` is the caller that the key turns out to be, or what is wrong with it. */
async function outcome(
  route: string,
  who: Principal | ErrorCode = caller(),
  headers: Record<string, string> = {},
  address?: string,
) {
  const asked: unknown[] = [];
  const keys = {
    authenticate: async (authorization: string | undefined, nowMs: number) => {
      asked.push([authorization, nowMs]);
      if (typeof who === 'string') throw new GatewayError(who, 'no');
      return who;
    },
  };
  const servedNativeRoutes = [
    { method: 'POST', path: '/backend-api/codex/responses' },
    { method: 'POST', path: '/backend-api/codex/v1/responses' },
    { method: 'GET', path: '/backend-api/codex/responses' },
    { method: 'POST', path: '/backend-api/codex/images/edits' },
    { method: 'POST', path: '/backend-api/files/:id/uploaded' },
    { method: 'GET', path: '/api/codex/usage' },
    { method: 'GET', path: '/wham/usage' },
  ];
  const servedV1Routes = [
    { method: 'GET', path: '/v1/models' },
    { method: 'POST', path: '/v1/images/edits' },
    { method: 'POST', path: '/v1/responses/compact' },
    { method: 'GET', path: '/v1/responses/:response_id', onlyWhenStored: true },
    { method: 'DELETE', path: '/v1/responses/:response_id', onlyWhenStored: true },
  ];
  const [method = '', path = ''] = route.split(' ');
  const from = address === undefined ? {} : { address };
  const request: IngressRequest = { method, path, headers: { authorization: 'Bearer x', ...headers }, ...from };
  try {
    for (const step of ingressSteps({ keys, servedNativeRoutes, servedV1Routes, now: () => NOW_MS })) {
      const refusal = await step(request);
      if (refusal) return { refusal, asked };
    }
    return { caller: request.caller, asked };
  } catch (error) {
    return { code: GatewayError.from(error).code, asked };
  }
}

describe('the steps before a body is read', () => {
  it.each(['GET /v1/models', 'POST /backend-api/codex/responses', 'GET /api/codex/usage', 'GET /wham/usage'])(
    'leave the caller of %s behind',
    async (route) => {
      expect(await outcome(route)).toEqual({ caller: caller(), asked: [['Bearer x', NOW_MS]] });
    },
  );

  it.each(['GET /healthz', 'POST /mcp', 'GET /admin', 'GET /'])(
    'let %s pass without asking for a key',
    async (route) => {
      expect(await outcome(route, 'api_key_missing')).toEqual({ caller: undefined, asked: [] });
    },
  );

  it.each([
    'POST /backend-api/codex/safety/arc',
    'GET /backend-api/codex/alpha/search',
    'POST /backend-api/codex/responses/',
    'POST /backend-api/files//uploaded',
    'GET /backend-api',
    'GET /wham/accounts/check',
  ])('answer %s, which nobody serves, with plain text, before asking for a key', async (route) => {
    expect(await outcome(route, 'api_key_missing')).toEqual({
      refusal: { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'Not Found' },
      asked: [],
    });
  });

  it('tell which methods a served path answers to, before asking for a key', async () => {
    const { refusal, asked } = await outcome('DELETE /backend-api/codex/responses', 'api_key_missing');
    expect([refusal?.status, refusal?.headers['allow'], asked]).toEqual([405, 'GET, POST', []]);
    expect(refusal?.body).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  it('tell who asks for a websocket that there is none on a path without', async () => {
    const wanted = { 'sec-websocket-key': 'x' };
    const { refusal } = await outcome('GET /backend-api/codex/realtime/calls', caller(), wanted);
    expect(refusal?.status).toBe(404);
  });

  it('let codex doctor see that the gateway is there, without credentials', async () => {
    const { refusal, asked } = await outcome('HEAD /backend-api/codex/responses', 'api_key_missing');
    expect([refusal?.status, refusal?.headers['allow'], refusal?.body, asked]).toEqual([405, 'GET, POST', '', []]);
  });

  describe('on a usage route', () => {
    const account = { 'chatgpt-account-id': 'acc-1' };
    const usage = (who: Principal | ErrorCode, headers = {}) => outcome('GET /wham/usage', who, headers);

    it('know a Pool API key first, whatever account is named', async () => {
      expect((await usage(caller(), account)).caller).toEqual(caller());
    });

    it.each(['api_key_missing', 'api_key_revoked', 'api_key_expired'] as const)(
      'let a caller with %s on who names an account',
      async (wrong) => {
        expect(await usage(wrong, account)).toMatchObject({ caller: undefined, asked: [['Bearer x', NOW_MS]] });
        expect((await usage(wrong)).code).toBe('invalid_api_key');
        expect((await usage(wrong, { 'chatgpt-account-id': '' })).code).toBe('invalid_api_key');
      },
    );

    it('do not take a database that is away for a wrong key', async () => {
      expect((await usage('settings_unavailable', account)).code).toBe('settings_unavailable');
    });

    it('let nobody else on who names an account', async () => {
      expect((await outcome('POST /backend-api/codex/responses', 'api_key_missing', account)).code).toBe(
        'api_key_missing',
      );
    });
  });

  it.each([
    ['api_key_missing', 'api_key_missing', 'api_key_missing'],
    ['api_key_revoked', 'api_key_revoked', 'api_key_disabled'],
    ['api_key_paused', 'api_key_paused', 'api_key_disabled'],
    ['api_key_expired', 'api_key_expired', 'api_key_disabled'],
    ['internal', 'internal', 'internal'],
  ] as const)('say of %s: %s natively, %s on /v1', async (wrong, native, open) => {
    const codes = [
      (await outcome('POST /backend-api/codex/responses', wrong)).code,
      (await outcome('GET /v1/models', wrong)).code,
    ];
    expect(codes).toEqual([native, open]);
  });

  it.each([
    [
      'a Pool without /v1, on any of its paths',
      'POST /v1/embeddings',
      { v1Enabled: false },
      'v1_compatibility_disabled',
    ],
    ['a /v1 path that is not served', 'POST /v1/embeddings', {}, 'unsupported_endpoint'],
    ['a served /v1 path by another method', 'POST /v1/models', {}, 'unsupported_endpoint'],
    ['/v1 itself', 'GET /v1', {}, 'unsupported_endpoint'],
    [
      'an image route that is not served, before its permission',
      'POST /v1/images/generations',
      { imageGenerationEnabled: false },
      'unsupported_endpoint',
    ],
    [
      'a served image route without permission',
      'POST /v1/images/edits',
      { imageGenerationEnabled: false },
      'image_generation_disabled',
    ],
    [
      'a native image route without permission',
      'POST /backend-api/codex/images/edits',
      { imageGenerationEnabled: false },
      'image_generation_disabled',
    ],
  ] as const)('refuse %s', async (_, route, pool, code) => {
    expect((await outcome(route, caller(pool))).code).toBe(code);
  });

  describe('on a route for stored content', () => {
    const keeps = caller({ stored: { maxItems: 1, ttlMs: 1 } });

    it.each(['GET /v1/responses/resp_1', 'DELETE /v1/responses/resp_2', 'GET /v1/responses/compact'])(
      'let %s on where the Pool keeps any, and say elsewhere that there is no such endpoint',
      async (route) => {
        expect((await outcome(route, keeps)).caller).toBe(keeps);
        expect((await outcome(route)).code).toBe('unsupported_endpoint');
      },
    );

    it('refuse a wrong key first, and a Pool without /v1', async () => {
      const codes = [
        (await outcome('GET /v1/responses/resp_1', 'api_key_missing')).code,
        (await outcome('GET /v1/responses/resp_1', caller({ v1Enabled: false }))).code,
      ];
      expect(codes).toEqual(['api_key_missing', 'v1_compatibility_disabled']);
    });

    it('know no method but its own, and leave its neighbours alone (T20)', async () => {
      expect((await outcome('POST /v1/responses/resp_1', keeps)).code).toBe('unsupported_endpoint');
      expect((await outcome('POST /v1/responses/compact')).caller).toEqual(caller());
    });
  });

  it('do not close the native surface when /v1 is', async () => {
    const shut = caller({ v1Enabled: false });
    expect((await outcome('POST /backend-api/codex/v1/responses', shut)).caller).toBe(shut);
  });

  it.each([
    ['10.1.2.3', undefined],
    ['::ffff:10.1.2.3', undefined],
    ['2001:db8::7', undefined],
    ['11.1.2.3', 'address_not_allowed'],
    [undefined, 'address_not_allowed'],
  ])('ask a key that is limited to addresses from which it is used: %s', async (address, code) => {
    const limited = { ...caller(), allowedAddresses: ['10.0.0.0/8', '2001:db8::/32'] };
    for (const route of ['GET /v1/models', 'POST /backend-api/codex/responses', 'GET /wham/usage']) {
      expect((await outcome(route, limited, {}, address)).code).toBe(code);
    }
  });

  it('ask that before anything else of the key, and after whether it is one', async () => {
    const limited = { ...caller({ v1Enabled: false }), allowedAddresses: ['10.0.0.0/8'] };
    expect((await outcome('GET /v1/models', limited, {}, '11.1.1.1')).code).toBe('address_not_allowed');
    expect((await outcome('GET /v1/models', 'api_key_missing', {}, '11.1.1.1')).code).toBe('api_key_missing');
  });
});

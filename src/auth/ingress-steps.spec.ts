import {
  GatewayError,
  type ErrorCode,
  type KeyId,
  type PoolId,
  type PoolPolicy,
  type Principal,
} from '../core/index.js';
import type { IngressRequest } from '../platform/http/index.js';
import { ingressSteps } from './ingress-steps.js';

const NOW_MS = 1_800_000_000_000;
const policy: PoolPolicy = {
  id: 'pool-1' as PoolId,
  slug: 'team',
  v1Enabled: true,
  imageGenerationEnabled: true,
  allowUnlistedModels: false,
};

const caller = (pool: Partial<PoolPolicy> = {}): Principal => ({
  keyId: 'key-1' as KeyId,
  keyLabel: 'ci',
  pool: { ...policy, ...pool },
});

/** Runs the steps as the ingress does. `who` is the caller that the key turns out to be, or what is wrong with it. */
async function outcome(route: string, who: Principal | ErrorCode = caller()) {
  const asked: unknown[] = [];
  const keys = {
    authenticate: async (authorization: string | undefined, nowMs: number) => {
      asked.push([authorization, nowMs]);
      if (typeof who === 'string') throw new GatewayError(who, 'no');
      return who;
    },
  };
  const servedV1Routes = [
    { method: 'GET', path: '/v1/models' },
    { method: 'POST', path: '/v1/images/edits' },
  ];
  const [method = '', path = ''] = route.split(' ');
  const request: IngressRequest = { method, path, headers: { authorization: 'Bearer x' } };
  try {
    for (const step of ingressSteps({ keys, servedV1Routes, now: () => NOW_MS })) {
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

  it('answer a pruned helper with plain text, before asking for a key', async () => {
    expect(await outcome('POST /backend-api/codex/safety/arc', 'api_key_missing')).toEqual({
      refusal: { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'Not Found' },
      asked: [],
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

  it('do not close the native surface when /v1 is', async () => {
    const shut = caller({ v1Enabled: false });
    expect((await outcome('POST /backend-api/codex/v1/responses', shut)).caller).toBe(shut);
  });
});

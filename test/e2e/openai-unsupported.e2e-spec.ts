import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { codeOf, connectTo } from '../support/raw-calls.js';
import type { RawAnswer } from '../support/raw-http.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const ANSWER =
  '{"error":{"message":"This OpenAI endpoint is not supported by this gateway","type":"invalid_request_error",' +
  '"code":"unsupported_endpoint","param":null}}';
const HUNDRED_MB = 100 * 1024 * 1024;

type Target = readonly [method: string, path: string];
const targets = (method: string, ...paths: readonly string[]): Target[] => paths.map((path) => [method, path]);

/** Those that seed 000 names, those that clients are known to try, and some of nobody's. */
const UNSUPPORTED: readonly Target[] = [
  ...targets(
    'POST',
    '/v1/images/variations',
    '/v1/embeddings',
    '/v1/batches',
    '/v1/moderations',
    '/v1/fine_tuning/jobs',
    '/v1/content_provenance_checks',
    '/v1/responses/resp_1/cancel',
    '/v1/realtime',
    '/v1/realtime/sessions',
    '/v1/realtime/client_secrets',
    '/v1/audio/speech',
    '/v1/audio/translations',
    '/v1/completions',
    '/v1/assistants',
    '/v1/uploads',
    '/v1/models',
    '/v1/usage',
    '/v1/files/file_1/content',
    '/v1/anything/else',
  ),
  ...targets('GET', '/v1', '/v1/', '/v1/realtime', '/v1/responses/resp_1', '/v1/models/gpt-5.5', '/v1/batches'),
  ...targets('DELETE', '/v1/responses/resp_1', '/v1/models/gpt-5.5'),
  ...targets('PUT', '/v1/files/file_1'),
  ...targets('PATCH', '/v1/models'),
];
/** Spelled so that who decodes them again would be somewhere else. */
const ESCAPED: readonly Target[] = [
  ...targets('POST', '/v1/%69mages/variations', '/v1/%2e%2e/backend-api/codex/responses', '/v1/../oauth/token'),
  ...targets('GET', '/v1/%2e%2e/backend-api/codex/models', '/v1/files/%2e%2e/%2e%2e/healthz', '/v1/%252e%252e/x'),
];
const UPGRADE =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Asks with a head alone, byte for byte: whoever waits for the body never answers. */
async function ask([method, path]: Target, more: string, key: string | undefined = gateway.key): Promise<RawAnswer> {
  const connection = await connectTo(gateway);
  const authorization = key === '' ? '' : `authorization: Bearer ${key}\r\n`;
  connection.send(`${method} ${path} HTTP/1.1\r\nhost: gateway\r\n${authorization}${more}\r\n`);
  try {
    return await connection.until('}}');
  } finally {
    connection.close();
  }
}
const announced = (bytes: number): string => `content-type: application/json\r\ncontent-length: ${String(bytes)}\r\n`;
const bodyFor = ([method]: Target): string => (method === 'GET' ? '' : announced(HUNDRED_MB));
const traces = async (): Promise<unknown> => [
  (await gateway.ledger()).length,
  (['responses', 'files', 'other', 'upgrade'] as const).map((route) => upstream.count(route)),
];

describe('a /v1 route that is not there', () => {
  it.each([...UNSUPPORTED, ...ESCAPED])('%s %s is the same 404 for every key', async (method, path) => {
    const before = await traces();
    const answer = await ask([method, path], bodyFor([method, path]));
    expect([answer.status, answer.body]).toEqual([404, ANSWER]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-pooler-error-source': 'gateway',
      'x-request-id': expect.any(String) as string,
    });
    expect(await traces()).toEqual(before);
  });

  it('is a 401 first, then a 403 while the Pool has /v1 switched off; nobody waits for the body (trap 56)', async () => {
    const { key } = await newPool(gateway, upstream, [{}], { v1Enabled: false });
    const before = await traces();
    for (const target of [...UNSUPPORTED, ...ESCAPED]) {
      const more = bodyFor(target);
      expect(codeOf(await ask(target, more, ''))).toEqual([401, 'invalid_api_key']);
      expect(codeOf(await ask(target, more, 'sk-cxp-000000000000-x'))).toEqual([401, 'invalid_api_key']);
      expect(codeOf(await ask(target, more, key))).toEqual([403, 'v1_compatibility_disabled']);
    }
    expect(await traces()).toEqual(before);
  });

  it.each(['/v1/realtime', '/v1/realtime?model=gpt-realtime', '/v1/realtime/calls', '/v1/anything'])(
    'is the same for a websocket at %s',
    async (path) => {
      const target: Target = ['GET', path];
      const { key } = await newPool(gateway, upstream, [], { v1Enabled: false });
      const answer = await ask(target, UPGRADE);
      expect([answer.status, answer.body]).toEqual([404, ANSWER]);
      expect(codeOf(await ask(target, UPGRADE, ''))).toEqual([401, 'invalid_api_key']);
      expect(codeOf(await ask(target, UPGRADE, key))).toEqual([403, 'v1_compatibility_disabled']);
    },
  );

  it.each(['/v1/x%2f..%2fy', '/v1%2f..%2fhealthz', '/v1/..%5c..%5cx', '/v1/%00', '/v1/files/..%2f..%2fx', '/v1/%zz'])(
    'reaches nothing as %s, which means one thing here and another elsewhere (trap 59)',
    async (path) => {
      const before = await traces();
      const answer = await ask(['GET', path], '');
      expect([400, 404]).toContain(answer.status);
      expect(await traces()).toEqual(before);
    },
  );

  it('has no body for HEAD', async () => {
    const connection = await connectTo(gateway);
    connection.send(`HEAD /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\n\r\n`);
    expect(await connection.until('\r\n\r\n')).toMatchObject({ status: 404, body: '' });
    connection.close();
  });
});

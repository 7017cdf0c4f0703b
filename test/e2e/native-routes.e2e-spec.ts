import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { servedNativeRoutes } from '../../src/compat/index.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { connectTo, head } from '../support/raw-calls.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const MIB = 1024 * 1024;
const NATIVE = /^\/(backend-api|api\/codex|wham)(\/|$)/;

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const listed = (): string[] =>
  servedNativeRoutes
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, path }) => `${method} ${path}`)
    .sort();

/** What the controllers ask Nest for, below the native roots. */
function asked(): string[] {
  const controllers = [...gateway.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? routesOf(metatype as Type<object>) : []))
    .filter((route) => NATIVE.test(route.split(' ')[1] ?? ''))
    .sort();
}

function routesOf(controller: Type<object>): string[] {
  const handlers = Object.values(Object.getOwnPropertyDescriptors(controller.prototype))
    .map(({ value }) => value as object)
    .filter((value) => typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value));
  return handlers.flatMap((handler) => {
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    return paths(controller).flatMap((root) => paths(handler).map((rest) => `${method} ${joined(root, rest)}`));
  });
}

const paths = (target: object): string[] => [Reflect.getMetadata(PATH_METADATA, target) as string | string[]].flat();
const joined = (...parts: readonly string[]): string =>
  `/${parts.flatMap((part) => part.split('/').filter((segment) => segment !== '')).join('/')}`;

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function call(method: string, path: string, headers: Record<string, string> = {}): Promise<Answered> {
  const bodied = !['GET', 'HEAD'].includes(method);
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(bodied ? { body: '{' } : {}) });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
const bearer = () => ({ authorization: `Bearer ${gateway.key}` });

describe('the native surface', () => {
  it('is what its controllers serve, and nothing else', () => {
    expect(listed()).toEqual(asked());
  });

  it('is registered as it is listed', () => {
    const { httpAdapter } = gateway.get<HttpAdapterHost<FastifyAdapter>>(HttpAdapterHost);
    const fastify: FastifyInstance = httpAdapter.getInstance();
    const missing = servedNativeRoutes.filter(({ method, path }) => !fastify.hasRoute({ method, url: path }));
    expect(missing).toEqual([]);
  });

  it('serves both roots of Codex alike', () => {
    // Chat completions are no protocol of Codex: they are under the alias alone.
    const aliased = listed().filter((route) => route.includes('/codex/v1/') && !route.includes('/chat/'));
    expect(aliased.map((route) => route.replace('/codex/v1/', '/codex/'))).toEqual(
      listed().filter((route) => /\/codex\/(models|responses)(\/compact)?$/.test(route)),
    );
  });
});

describe('a native path that nobody serves', () => {
  it.each([
    // Helpers of the Codex control plane.
    'GET /backend-api/codex/agent-identities/jwks',
    'GET /backend-api/wham/agent-identities/jwks',
    'POST /api/codex/rate-limit-reset-credits/consume',
    'POST /wham/rate-limit-reset-credits/consume',
    'POST /backend-api/wham/rate-limit-reset-credits/consume',
    'POST /backend-api/codex/thread/goal/get',
    'POST /backend-api/codex/thread/goal/set',
    'POST /backend-api/codex/thread/goal/clear',
    'POST /backend-api/codex/analytics-events/events',
    'POST /backend-api/codex/memories/trace_summarize',
    'POST /backend-api/codex/alpha/search',
    'POST /backend-api/codex/safety/arc',
    // What else there is at ChatGPT, and what only looks like a route.
    'GET /backend-api/wham/accounts/check',
    'GET /backend-api',
    'GET /backend-api/codex',
    'POST /backend-api/conversation',
    'POST /backend-api/codex/nothing',
    'POST /backend-api/codex/v1/nothing',
    'POST /backend-api/codex/v1/images/edits',
    'POST /backend-api/codex/responses/',
    'POST /backend-api/codex/responses/resp_1',
    'GET /backend-api/files/file_1',
    'POST /backend-api/files//uploaded',
    'GET /api/codex/nothing',
    'HEAD /wham/nothing',
    'POST /backend-api/codex/saf%65ty/arc',
  ])('is 404 to anybody, as plain text: %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    for (const headers of [{}, bearer(), { authorization: 'Bearer nobody' }]) {
      const { status, text, ...answer } = await call(method, path, headers);
      expect([status, text]).toEqual([404, method === 'HEAD' ? '' : 'Not Found']);
      expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is answered before a byte of its body is read (trap 56)', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`content-length: ${100 * MIB}\r\n\r\n`, '/backend-api/conversation'));
    const { status, headers } = await connection.until('Not Found');
    connection.close();
    expect([status, headers['connection']]).toEqual([404, 'close']);
  });

  it('is judged by its decoded form, once (trap 59)', async () => {
    upstream.replyWith(hello());
    const served = await gateway.post(ask(), { path: '/backend-api/codex/%72esponses' });
    expect([served.status, await served.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect((await call('POST', '/backend-api/codex/%2572esponses', bearer())).status).toBe(404);
  });
});

describe('a native path by another method', () => {
  it.each<[string, string, string]>([
    ['PUT', PATH, 'GET, POST'],
    ['DELETE', PATH, 'GET, POST'],
    ['PATCH', '/backend-api/codex/v1/responses', 'GET, POST'],
    ['OPTIONS', PATH, 'GET, POST'],
    ['POST', '/backend-api/codex/models', 'GET, HEAD'],
    ['POST', '/wham/usage', 'GET, HEAD'],
    ['GET', '/backend-api/codex/responses/compact', 'POST'],
    ['DELETE', '/backend-api/files', 'POST'],
    ['GET', '/backend-api/files/file_1/uploaded', 'POST'],
  ])('is 405 to anybody, and names those there are: %s %s', async (method, path, allow) => {
    for (const headers of [{}, bearer()]) {
      const answer = await call(method, path, headers);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
      expect(JSON.parse(answer.text)).toEqual(refusal('method_not_allowed'));
    }
  });
});

describe('codex doctor, which shows no key,', () => {
  it.each([PATH, '/backend-api/codex/v1/responses'])('finds HEAD %s there: 405 without a body', async (path) => {
    const { status, headers, text } = await call('HEAD', path);
    expect([status, headers.get('allow'), text]).toEqual([405, 'GET, POST', '']);
  });

  it.each(['/backend-api/codex/models', '/backend-api/codex/v1/models?client_version=0.169.0'])(
    'finds GET %s there: 401',
    async (path) => {
      const { status, text } = await call('GET', path);
      expect([status, JSON.parse(text)]).toEqual([401, refusal('api_key_missing')]);
    },
  );
});

it('leaves no row in the ledger for all of it', async () => {
  const before = await gateway.ledger();
  await call('POST', '/backend-api/conversation', bearer());
  await call('PUT', PATH, bearer());
  expect(await gateway.ledger()).toHaveLength(before.length);
});

import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { servedNativeRoutes, servedV1Routes } from '../../src/compat/index.js';
import type { Route } from '../../src/auth/index.js';
import { PROBES } from '../../src/platform/http/index.js';

/** Who may ask a route. `shut`: the router has it, and nobody gets as far. */
export type RouteClass = 'open' | 'operations' | 'mcp' | 'callers' | 'shut';

const OPEN = [...PROBES, '/api/v1/openapi.json', '/api/docs'];
const CALLERS = /^\/(v1|backend-api|wham|api\/codex)\//;

/** Every route that an application gets after this was called, as its router has them. */
export function overheardRoutes(): { readonly routes: readonly Route[]; stop(): void } {
  const routes: Route[] = [];
  const heard = new WeakSet<FastifyInstance>();
  const getInstance = FastifyAdapter.prototype.getInstance as (this: FastifyAdapter) => FastifyInstance;
  const spy = jest.spyOn(FastifyAdapter.prototype, 'getInstance').mockImplementation(function (this: FastifyAdapter) {
    const fastify = getInstance.call(this);
    if (heard.has(fastify)) return fastify;
    heard.add(fastify);
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, path: url });
    });
    return fastify;
  });
  return { routes, stop: () => spy.mockRestore() };
}

/** `undefined` for a route that nobody has thought about. */
export function classOf({ method, path }: Route): RouteClass | undefined {
  if (OPEN.includes(path)) return method === 'GET' || method === 'HEAD' ? 'open' : undefined;
  if (path === '/api/v1/*') return 'operations';
  if (path === '/mcp') return 'mcp';
  if (!CALLERS.test(path)) return undefined;
  return isServed({ method, path }) ? 'callers' : 'shut';
}

/** Whatever its parameters are called. */
const shapeOf = (path: string): string => path.replace(/:\w+/g, ':');

const isServed = ({ method, path }: Route): boolean =>
  [...servedNativeRoutes, ...servedV1Routes].some(
    (each) => each.method === method && shapeOf(each.path) === shapeOf(path),
  );

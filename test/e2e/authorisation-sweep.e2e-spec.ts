import { randomUUID } from 'node:crypto';
import { KeyAdminService, OperatorTokenAdmin, PoolService, type Route } from '../../src/auth/index.js';
import { OperationRegistry, type Operation } from '../../src/control/index.js';
import { AccountService } from '../../src/upstream/index.js';
import { hello, useGateway } from '../support/gateway.js';
import { operatorToken } from '../support/operators.js';
import { changeUnderWay, readUnderWay } from '../support/revoked-meanwhile.js';
import { badCredentials, bearer, type BadCredentials, type Shown } from '../support/bad-credentials.js';
import { classOf, overheardRoutes, type RouteClass } from '../support/route-table.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

jest.setTimeout(300_000);

interface Answer {
  readonly status: number;
  readonly text: string;
}

const NOBODY = randomUUID();
const NEVER = { unknownField: 1 };
/** Bodies of operations that are not understood without one, about things of the one Pool. */
const SAMPLES: Readonly<Record<string, object>> = {
  'accounts.relink': { authJson: '{}' },
  'accounts.updatePlace': { priority: 1 },
  'keys.create': { pool: 'test', label: 'stolen' },
};
/** For the one MCP method that does nothing. */
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const MCP_HEADERS = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' };

describe('every route', () => {
  const table = overheardRoutes();
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream, env: { AUTH_FAILURES_PER_MINUTE: '1000000' } });
  const tried = new Map<string, number>();
  const things: Record<string, string> = {};
  let credentials: BadCredentials;
  let admin: Shown;
  let mcp: Shown;

  const operations = (): readonly Operation[] => gateway.get(OperationRegistry).operations;
  const count = (kind: string): void => void tried.set(kind, (tried.get(kind) ?? 0) + 1);
  const filled = (path: string): string =>
    path.replace(
      /\{(\w+)\}|:(\w+)/g,
      (_, field?: string, parameter?: string) => things[field ?? parameter ?? ''] ?? NOBODY,
    );

  async function ask(
    method: string,
    path: string,
    { headers = {}, query = '' }: Shown,
    body?: object,
  ): Promise<Answer> {
    const isBodyless = ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) || body === undefined;
    const answer = await fetch(`${gateway.url}${path}${query}`, {
      method,
      headers: { ...(isBodyless ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(isBodyless ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  const routesOf = (wanted: RouteClass): Route[] => {
    const unique = new Map(table.routes.map((route) => [`${route.method} ${route.path}`, route]));
    return [...unique.values()].filter((route) => classOf(route) === wanted);
  };

  beforeAll(async () => {
    table.stop();
    const keys = gateway.get(KeyAdminService);
    const other = await gateway.get(PoolService).createPool('other');
    const made = await badCredentials(gateway);
    credentials = made.bad;
    ({ admin, mcp } = made);
    const shown = await keys.createKey(gateway.pool.id, 'key-of-test');
    const bound = await operatorToken(gateway, { poolIds: [gateway.pool.id] });
    Object.assign(things, {
      pool: gateway.pool.slug,
      key: shown.key.prefix,
      account: (await gateway.get(AccountService).list())[0]?.id,
      token: bound.row.id,
      otherPool: other.id,
    });
  });

  afterEach(() => jest.restoreAllMocks());

  it('is of a kind that somebody has thought about', () => {
    expect(table.routes.length).toBeGreaterThan(40);
    expect(table.routes.filter((route) => classOf(route) === undefined)).toEqual([]);
  });

  it('that is open answers everybody', async () => {
    for (const { method, path } of routesOf('open')) {
      for (const { operator } of Object.values(credentials)) {
        expect([method, path, (await ask(method, path, operator)).status]).toEqual([method, path, 200]);
        count('open');
      }
    }
  });

  it('of the operators refuses whoever shows no good token', async () => {
    const methods = new Set(routesOf('operations').map(({ method }) => method));
    expect(operations().filter(({ method }) => !methods.has(method))).toEqual([]);
    for (const { name, method, path } of operations()) {
      for (const [kind, { operator }] of Object.entries(credentials)) {
        const { status } = await ask(method, `/api/v1${filled(path)}`, operator, NEVER);
        expect([name, kind, status]).toEqual([name, kind, 401]);
        count('operations');
      }
    }
    for (const method of ['OPTIONS', 'HEAD']) {
      for (const [kind, { operator }] of Object.entries(credentials)) {
        const { status } = await ask(method, '/api/v1/pools', operator);
        expect([method, kind, status]).toEqual([method, kind, 401]);
      }
    }
  });

  it('of the operators lets a good one in', async () => {
    for (const { name, method, path } of operations()) {
      const asks = method === 'GET' || method === 'DELETE';
      const shown = { ...admin, query: asks ? '?unknownField=1' : '' };
      const { status } = await ask(method, `/api/v1${filled(path)}`, shown, NEVER);
      expect([name, status]).toEqual([name, 400]);
      count('operations');
    }
  });

  it('of the operators that changes something refuses every lower scope', async () => {
    const scopes = ['read', 'pools:write', 'accounts:write', 'keys:write'] as const;
    const lower = new Map<string, Shown>();
    for (const scope of scopes) lower.set(scope, bearer((await operatorToken(gateway, { scopes: [scope] })).token));
    for (const { name, method, path, scope } of operations()) {
      // Whoever may change anything may read: for what is only read there is no lower one.
      const others = scope === 'read' ? [] : scopes.filter((each) => each !== scope);
      for (const each of others) {
        const { status } = await ask(method, `/api/v1${filled(path)}`, lower.get(each) ?? {}, NEVER);
        expect([name, each, status]).toEqual([name, each, 403]);
        count('operations');
      }
    }
  });

  it("of the operators tells a token of another Pool nothing of this one's", async () => {
    const { token } = await operatorToken(gateway, { scopes: ['admin'], poolIds: [things['otherPool'] as never] });
    const secret = [
      gateway.pool.id,
      things['key'],
      things['account'],
      things['token'],
      '"slug":"test"',
      '"pool":"test"',
    ];
    for (const { name, method, path } of operations()) {
      const { status, text } = await ask(method, `/api/v1${filled(path)}`, bearer(token), SAMPLES[name] ?? {});
      const leaked = secret.filter((each) => status < 300 && each !== undefined && text.includes(each));
      expect([name, leaked]).toEqual([name, []]);
      // One that says 400 needs a sample that gets further.
      const isNamed = /\{(pool|key|account|token)\}/.test(path) || Object.hasOwn(SAMPLES, name);
      if (isNamed) expect([name, status, [403, 404].includes(status)]).toEqual([name, status, true]);
      else if (method !== 'GET') expect([name, status, status >= 400]).toEqual([name, status, true]);
      count('operations');
    }
  });

  it('of the operators goes on for nobody whose token is revoked in mid-stream', async () => {
    const tokens = gateway.get(OperatorTokenAdmin);
    for (const { name, method, path } of operations()) {
      const made = await operatorToken(gateway, { scopes: ['admin'] });
      const target = { method, path: `/api/v1${filled(path)}` };
      const underWay = await (method === 'GET' ? readUnderWay : changeUnderWay)(gateway, target, made.token);
      await underWay.begun;
      await tokens.revoke(made.row.id);
      expect([name, await underWay.end()]).toEqual([name, 401]);
      jest.restoreAllMocks();
      count('operations');
    }
  });

  it('of the callers refuses whoever shows no good key, and lets a good one in', async () => {
    for (const { method, path } of routesOf('callers')) {
      for (const [kind, { caller }] of Object.entries(credentials)) {
        const { status } = await ask(method, filled(path), caller, {});
        expect([method, path, kind, status]).toEqual([method, path, kind, 401]);
        count('callers');
      }
      const { status } = await ask(method, filled(path), bearer(gateway.key), {});
      expect([method, path, [401, 403].includes(status)]).toEqual([method, path, false]);
      count('callers');
    }
  });

  it('of the callers refuses what their Pool is not allowed', async () => {
    const shut = await gateway.get(PoolService).createPool('shut', { v1Enabled: false, imageGenerationEnabled: false });
    const { token } = await gateway.get(KeyAdminService).createKey(shut.id, 'shut');
    for (const { method, path } of routesOf('callers').filter((each) => /^\/v1\/|\/images\//.test(each.path))) {
      const { status } = await ask(method, filled(path), bearer(token), {});
      expect([method, path, status]).toEqual([method, path, 403]);
      count('callers');
    }
  });

  it('of the callers is shut at once to a key that is revoked', async () => {
    const keys = gateway.get(KeyAdminService);
    const { key, token } = await keys.createKey(gateway.pool.id, 'soon revoked');
    await ask('GET', '/v1/models', bearer(token));
    await keys.revokeKey(key.id);
    for (const { method, path } of routesOf('callers')) {
      const { status } = await ask(method, filled(path), bearer(token), {});
      expect([method, path, status]).toEqual([method, path, 401]);
      count('callers');
    }
  });

  it('that the router has by itself is there for nobody', async () => {
    for (const { method, path } of routesOf('shut')) {
      const { status } = await ask(method, filled(path), bearer(gateway.key));
      expect([method, path, [404, 405].includes(status)]).toEqual([method, path, true]);
      count('shut');
    }
  });

  it('of MCP refuses whoever shows no good token, and lets a good one in', async () => {
    const asked = (shown: Shown) =>
      ask('POST', '/mcp', { ...shown, headers: { ...MCP_HEADERS, ...shown.headers } }, PING);
    for (const [kind, { mcp: shown }] of Object.entries(credentials)) {
      expect([kind, (await asked(shown)).status]).toEqual([kind, kind === 'disabled' ? 403 : 401]);
      count('mcp');
    }
    expect((await asked(mcp)).status).toBe(200);
    expect((await ask('OPTIONS', '/mcp', {})).status).toBe(204);
    expect(
      routesOf('mcp')
        .map(({ method }) => method)
        .sort(),
    ).toEqual(['OPTIONS', 'POST']);
  });

  it('was tried', () => {
    const routes = new Set(table.routes.map(({ method, path }) => `${method} ${path}`));
    const classes = [...new Set(table.routes.map(classOf))].filter((each) => each !== undefined);
    expect(classes.filter((each) => !tried.has(each))).toEqual([]);
    const sums = [...tried].map(([kind, times]) => `${kind} ${times}`).join(', ');
    process.stdout.write(`${routes.size} of ${routes.size} routes, ${operations().length} operations: ${sums}\n`);
  });
});

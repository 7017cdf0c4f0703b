import { servedNativeRoutes, servedV1Routes } from '../../src/compat/index.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

describe('a web page of somebody else', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream });
  const routes = [...servedNativeRoutes, ...servedV1Routes, { method: 'GET', path: '/healthz' }].map(({ path }) =>
    path.replace(/:\w+/g, 'x'),
  );
  const page = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
  const allowances = (headers: Headers): string[] =>
    [...headers.keys()].filter((name) => /^access-control-/.test(name));

  it.each([...new Set([...routes, '/', '/mcp', '/api/v1/pools', '/nowhere'])])(
    'is allowed nothing at %s',
    async (path) => {
      for (const method of ['OPTIONS', 'GET', 'POST']) {
        for (const authorization of ['Bearer wrong', `Bearer ${gateway.key}`]) {
          const answer = await fetch(`${gateway.url}${path}`, { method, headers: { ...page, authorization } });
          await answer.body?.cancel();
          expect([method, path, allowances(answer.headers)]).toEqual([method, path, []]);
          // The MCP endpoint says which methods it has: to who asks for itself, not to a page.
          if (method === 'OPTIONS' && path !== '/mcp') expect(answer.ok).toBe(false);
        }
      }
    },
  );

  it('is allowed nothing by an answer that was served', async () => {
    const answer = await gateway.post(ask(), { headers: page });
    await answer.text();
    expect([answer.status, allowances(answer.headers)]).toEqual([200, []]);
  });
});

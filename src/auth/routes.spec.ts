import { isImageRoute, isOneOf, isPruned } from './routes.js';

describe('the routes that the ingress knows by name', () => {
  it.each([
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
  ])('prune %s', (route) => {
    expect(isPruned(parsed(route))).toBe(true);
  });

  it.each([
    'GET /backend-api/codex/alpha/search',
    'POST /backend-api/codex/realtime/calls',
    'POST /backend-api/codex/responses',
    'POST /backend-api/codex/agent-identities/jwks',
  ])('do not prune %s', (route) => {
    expect(isPruned(parsed(route))).toBe(false);
  });

  it.each([
    ['POST /backend-api/codex/images/generations', true],
    ['POST /backend-api/codex/images/edits', true],
    ['POST /v1/images/generations', true],
    ['POST /v1/images/edits', true],
    ['POST /v1/images/variations', false],
    ['GET /v1/images/edits', false],
  ])('ask for the image permission on %s: %s', (route, asked) => {
    expect(isImageRoute(parsed(route))).toBe(asked);
  });

  it('match a named segment by anything but nothing', () => {
    const served = [{ method: 'GET', path: '/v1/files/:file_id' }];
    const paths = ['/v1/files/file-1', '/v1/files/', '/v1/files', '/v1/files/a/b'];
    expect(paths.map((path) => isOneOf(served, { method: 'GET', path }))).toEqual([true, false, false, false]);
  });
});

const parsed = (route: string) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, path };
};

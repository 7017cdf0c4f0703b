import { isImageRoute, isOneOf, isUsagePath, methodsAt } from './routes.js';

describe('the routes that the ingress knows by name', () => {
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

  it('tell the methods of a path', () => {
    const served = ['POST', 'GET'].map((method) => ({ method, path: '/wham/usage' }));
    expect([methodsAt(served, '/wham/usage'), methodsAt(served, '/wham')]).toEqual([['GET', 'POST'], []]);
  });

  it('are three for usage', () => {
    const paths = ['/backend-api/wham/usage', '/wham/usage', '/api/codex/usage', '/v1/usage', '/wham/usage/'];
    expect(paths.map(isUsagePath)).toEqual([true, true, true, false, false]);
  });
});

const parsed = (route: string) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, path };
};

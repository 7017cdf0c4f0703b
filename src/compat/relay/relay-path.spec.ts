import { relayPath, relayPathStep } from './relay-path.js';

const refused = expect.objectContaining({ code: 'invalid_request', status: 400 }) as Error;

describe('the path of a relayed request', () => {
  it.each([
    ['/v1/things', '/things'],
    ['/v1/things/a b/ü', '/things/a%20b/%C3%BC'],
    ['/v1//things/./1/', '/things/1'],
    ['/v1/a...b/.hidden/..x', '/a...b/.hidden/..x'],
  ])('%s leads to %s', (path, target) => expect(relayPath(path)).toBe(target));

  it.each([
    '/v1/..',
    '/v1/../accounts',
    '/v1/a/../../b',
    '/v1/a\\..\\b',
    '/v1/a\nb',
    '/v1/a\u007f',
    '/v1/%2e%2e/b',
    '/v1/a%2Fb',
    '/v1/a%5cb',
    '/v1/a%252e',
    '/v1/a%0d%0ab',
    '/v1/',
    '/v1/./',
  ])('%j leads nowhere (T19)', (path) => expect(() => relayPath(path)).toThrow(refused));
});

describe('before a relay reads any credentials', () => {
  const served = [
    { method: 'POST', path: '/v1/responses' },
    { method: 'GET', path: '/v1/files/:id' },
  ];
  const step = (method: string, path: string) => relayPathStep(served)({ method, path, headers: {} });

  it('paths that lead elsewhere are refused', () => {
    expect(() => step('GET', '/v1/x/../y')).toThrow(refused);
    expect(step('GET', '/backend-api/../y')).toBeUndefined();
    expect(step('GET', '/v1/x')).toBeUndefined();
  });

  it('another spelling of a route of our own is refused, the route itself is not', () => {
    expect(() => step('POST', '/v1//responses')).toThrow(refused);
    expect(() => step('POST', '/v1/responses/')).toThrow(refused);
    expect(() => step('GET', '/v1/./files/file-1')).toThrow(refused);
    expect(step('POST', '/v1/responses')).toBeUndefined();
    expect(step('PUT', '/v1//responses')).toBeUndefined();
  });
});

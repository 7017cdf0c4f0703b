import type { IngressRequest } from '../platform/http/index.js';
import { isLoopback } from './loopback.js';
import { ownOriginStep } from './own-origin.js';

const passes = (headers: IngressRequest['headers'], { anyHost = false, path = '/v1/responses' } = {}): boolean => {
  try {
    return ownOriginStep(anyHost)({ method: 'POST', path, headers }) === undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'foreign_origin', status: 403 });
    return false;
  }
};
const HOST = '127.0.0.1:18080';

describe('a gateway without a key', () => {
  it.each([HOST, 'localhost:18080', 'LOCALHOST', '127.8.8.8', '[::1]:18080', 'mine.localhost:1', undefined])(
    'is asked for as %s',
    (host) => expect(passes(host === undefined ? {} : { host })).toBe(true),
  );

  it.each([
    'evil.example',
    'evil.example:18080',
    '127.0.0.1.evil.example',
    '192.168.1.5',
    '0.0.0.0:18080',
    '[::2]',
    '',
  ])('is not asked for as %p, which is how DNS rebinding looks', (host) => expect(passes({ host })).toBe(false));

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'http://192.168.1.5:3000', ''])(
    'serves no page of %p',
    (origin) => expect(passes({ host: HOST, origin })).toBe(false),
  );

  it.each(['http://localhost:3000', 'http://127.0.0.1:5173', 'https://[::1]'])('serves a page of %s', (origin) => {
    expect(passes({ host: HOST, origin })).toBe(true);
  });

  it('serves no page of another site that asks without saying its origin', () => {
    expect(passes({ host: HOST, 'sec-fetch-site': 'cross-site' })).toBe(false);
    expect(passes({ host: HOST, 'sec-fetch-site': 'none' })).toBe(true);
  });

  it('tells everybody that it is alive', () => {
    expect(passes({ host: 'evil.example', origin: 'https://evil.example' }, { path: '/healthz' })).toBe(true);
    expect(passes({ host: 'evil.example' }, { path: '/health' })).toBe(false);
  });

  it('that listens to a network is asked for under any name, and still serves no page', () => {
    expect(passes({ host: 'nas.example:18080' }, { anyHost: true })).toBe(true);
    expect(passes({ host: 'nas.example', origin: 'https://evil.example' }, { anyHost: true })).toBe(false);
  });
});

describe('loopback', () => {
  it.each(['localhost', '127.0.0.1', '127.255.0.1', '::1', '[::1]', 'a.localhost'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '10.0.0.1', 'notlocalhost', '127.evil.example', '', '1270.0.0.1'])('is not %p', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

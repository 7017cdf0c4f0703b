import { GatewayError } from '../../core/index.js';
import { decodedPath } from './decoded-path.js';

describe('decodedPath', () => {
  it.each([
    ['/v1/models', '/v1/models'],
    ['/v1/models?a=/b%2f', '/v1/models'],
    ['/v1/models#x', '/v1/models'],
    ['/v1/%69mages/variations', '/v1/images/variations'],
    ['/v1/%2569mages', '/v1/%69mages'],
    ['/v1/files/a%20b%3F', '/v1/files/a b?'],
    ['/v1//models/', '/v1//models/'],
    ['/', '/'],
    ['http://gateway:4000/v1/models?x', '/v1/models'],
    ['http://gateway', '/'],
  ])('reads %s as %s (trap 59)', (target, path) => {
    expect(decodedPath(target)).toBe(path);
  });

  it.each(['/backend-api%2fcodex/responses', '/v1/a%5Cb', '/v1/a%00', '/v1\\models', '/v1/%', '/v1/%zz', '/v1/%c3%28'])(
    'refuses %s',
    (target) => {
      expect(() => decodedPath(target)).toThrow(GatewayError);
    },
  );
});

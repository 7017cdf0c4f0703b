import { surfaceOf } from './surface.js';

describe('surfaceOf', () => {
  it.each([
    ['/v1', 'public'],
    ['/v1/models', 'public'],
    ['/v1beta/models', 'operations'],
    ['/V1/models', 'operations'],
    ['/backend-api/codex/responses', 'native'],
    ['/backend-api/codex/v1/responses', 'native'],
    ['/backend-apis', 'operations'],
    ['/api/codex/usage', 'native'],
    ['/api/other', 'operations'],
    ['/wham/usage', 'native'],
    ['/mcp', 'operations'],
    ['/healthz', 'operations'],
    ['/', 'operations'],
  ])('puts %s on the %s surface', (path, surface) => {
    expect(surfaceOf(path)).toBe(surface);
  });
});

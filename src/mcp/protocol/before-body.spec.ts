import { mcpStep } from './before-body.js';

const JSON_BODY = { 'content-type': 'application/json' };
const told = (asked: object, isFull = false) =>
  mcpStep({ isFull })({ method: 'POST', path: '/mcp', headers: JSON_BODY, ...asked });

describe('before a body is read', () => {
  it.each<[object, number | undefined]>([
    [{}, undefined],
    [{ method: 'OPTIONS' }, undefined],
    [{ path: '/v1/models', method: 'GET' }, undefined],
    [{ method: 'GET' }, 405],
    [{ method: 'DELETE', headers: {} }, 405],
    [{ headers: { ...JSON_BODY, 'content-encoding': 'gzip' } }, 415],
    [{ headers: { 'content-type': 'text/plain' } }, 415],
    [{ headers: {} }, 415],
  ])('%j is %s', async (asked, status) => {
    expect((await told(asked))?.status).toBe(status);
  });

  it('whoever comes to a full house is told so first', async () => {
    expect([(await told({ method: 'GET' }, true))?.status, await told({ path: '/v1/models' }, true)]).toEqual([
      503,
      undefined,
    ]);
    expect((await told({ method: 'GET' }))?.headers).toMatchObject({ allow: 'POST, OPTIONS' });
  });
});

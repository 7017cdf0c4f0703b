import { jsonBody } from './json-body.js';

describe('the JSON body of a request', () => {
  const requestOf = (text: string, contentType = 'application/json') => ({
    headers: { 'content-type': contentType },
    body: Buffer.from(text) as unknown,
  });

  it('is read once: a request lives as long as its answer and does not keep it', () => {
    const request = requestOf('{"a":1}');
    const { bytes, object } = jsonBody(request);
    expect([bytes.toString(), object]).toEqual(['{"a":1}', { a: 1 }]);
    expect(request.body).toBeUndefined();
  });

  it('is not kept when it is refused either', () => {
    for (const request of [requestOf('{"a":'), requestOf('{}', 'text/plain')]) {
      expect(() => jsonBody(request)).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
      expect(request.body).toBeUndefined();
    }
  });
});

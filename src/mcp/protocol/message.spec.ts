import { McpRefused, messageIn, parsedBody } from './message.js';

/** Code, and the id that is named. */
function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof McpRefused)) throw thrown;
    const { status, code, id = null } = thrown.refused;
    return [status, code, id];
  }
}
const call = (over: object): object => ({ jsonrpc: '2.0', id: 1, method: 'ping', ...over });

describe('a message', () => {
  it.each(['', '{', 'nul', '{"a":NaN}', '\xff'])('that is no JSON is a parse error: %j', (text) => {
    expect(refusalOf(() => parsedBody(Buffer.from(text, 'latin1')))).toEqual([400, -32700, null]);
  });

  it.each<[unknown, number, unknown]>([
    [[call({})], -32600, null],
    ['ping', -32600, null],
    [null, -32600, null],
    [call({ jsonrpc: '1.0' }), -32600, null],
    [call({ id: null }), -32600, null],
    [call({ id: 1.5 }), -32600, null],
    [call({ id: {} }), -32600, null],
    [call({ result: {} }), -32600, 1],
    [{ jsonrpc: '2.0', id: 1 }, -32600, 1],
    [call({ method: 1 }), -32600, 1],
    [call({ params: [] }), -32602, 1],
    [call({ params: null }), -32602, 1],
  ])('of another shape is refused: %j', (body, code, id) => {
    expect(refusalOf(() => messageIn(body))).toEqual([400, code, id]);
  });

  it.each<[object, string]>([
    [call({ id: 'a' }), 'request'],
    [call({ params: {} }), 'request'],
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }, 'notification'],
    [{ jsonrpc: '2.0', id: 1, result: {} }, 'response'],
    [{ jsonrpc: '2.0', id: 1, error: {} }, 'response'],
  ])('is a request, a notification or a response: %j', (body, kind) => {
    expect(messageIn(body)).toMatchObject({ kind });
  });
});

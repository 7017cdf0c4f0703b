import { McpRefused } from './message.js';
import { checkNegotiation } from './negotiation.js';

const BOTH = 'application/json, text/event-stream';

function statusOf(headers: Parameters<typeof checkNegotiation>[0]): number {
  try {
    checkNegotiation(headers);
    return 200;
  } catch (thrown) {
    if (thrown instanceof McpRefused) return thrown.refused.status;
    throw thrown;
  }
}

describe('the headers of a message', () => {
  it.each([
    [BOTH, 200],
    ['text/event-stream;q=0.1,APPLICATION/JSON; charset=utf-8', 200],
    ['application/json', 406],
    ['text/event-stream', 406],
    ['*/*', 406],
    [undefined, 406],
  ])('accept both forms of an answer: %s', (accept, status) => {
    expect(statusOf({ ...(accept === undefined ? {} : { accept }) })).toBe(status);
  });

  it.each([
    ['http://localhost:3000', 200],
    ['https://127.0.0.1', 200],
    ['http://[::1]:5173', 200],
    ['http://localhost.evil.example', 403],
    ['http://127.0.0.1@evil.example', 403],
    ['null', 403],
    ['', 403],
  ])('are of no page of somebody else: %s', (origin, status) => {
    expect(statusOf({ accept: BOTH, origin })).toBe(status);
    if (status === 403) expect(statusOf({ origin })).toBe(403);
  });
});

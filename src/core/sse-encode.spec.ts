import { sseFrame } from './sse-encode.js';
import { SseFramer } from './sse.js';

describe('sseFrame', () => {
  it('writes the event line, the data line and an empty line', () => {
    expect(sseFrame('response.failed', { type: 'response.failed' })).toBe(
      'event: response.failed\ndata: {"type":"response.failed"}\n\n',
    );
  });

  it('stays one block whatever its type and data contain', () => {
    const data = { type: 'a', text: 'x\r\n\r\ndata: y\n\n' };
    const batch = new SseFramer().push(Buffer.from(sseFrame('a\n\ndata: {"forged":1}\r\r', data)));
    expect(batch?.events.map((event) => event.json())).toEqual([data]);
  });
});

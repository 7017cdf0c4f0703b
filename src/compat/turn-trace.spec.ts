import { turnTrace } from './turn-trace.js';

const OPENED = { traceparent: '00-aa-bb-01' };

describe('the trace of a turn on a websocket', () => {
  it('is its own when it names one', () => {
    const client_metadata = { ws_request_header_traceparent: '00-cc-dd-01', ws_request_header_tracestate: 'x=1' };
    expect(turnTrace(OPENED, { client_metadata })).toEqual({ traceparent: '00-cc-dd-01', tracestate: 'x=1' });
  });

  it.each([{}, { client_metadata: null }, { client_metadata: 'text' }, { client_metadata: { session_id: 's' } }])(
    'is that of its websocket when it names none: %j',
    (frame) => {
      expect(turnTrace(OPENED, frame)).toBe(OPENED);
    },
  );
});

import { CallBody, type RoutedCall } from '../../core/index.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { httpForm } from './http-form.js';

const turn = (frame: object, headers: Record<string, string> = {}): RoutedCall =>
  aCall({ transport: 'websocket', headers, body: new CallBody(Buffer.from(JSON.stringify(frame))) });
const textOf = (call: RoutedCall): string => call.body.bytes.toString('utf8');

describe('a websocket turn in HTTP form', () => {
  it('loses what only a frame has, and keeps every other field in its place', () => {
    const form = httpForm(
      turn({
        type: 'response.create',
        model: 'gpt-5.5',
        generate: false,
        stream: true,
        input: [{ type: 'unheard_of', n: 1.5 }],
        client_metadata: {
          session_id: 's',
          'x-codex-ws-stream-request-start-ms': '1795254902616',
          'x-codex-installation-id': 'i',
        },
        new_field: null,
      }),
    );
    expect(textOf(form)).toBe(
      '{"model":"gpt-5.5","stream":true,"input":[{"type":"unheard_of","n":1.5}],' +
        '"client_metadata":{"session_id":"s","x-codex-installation-id":"i"},"new_field":null}',
    );
  });

  it('says in a header that its model is a lite one', () => {
    const form = httpForm(
      turn({ client_metadata: { ws_request_header_x_openai_internal_codex_responses_lite: 'true', thread_id: 't' } }),
    );
    expect(form.headers).toEqual({ 'x-openai-internal-codex-responses-lite': 'true' });
    expect(textOf(form)).toBe('{"client_metadata":{"thread_id":"t"}}');
  });

  it('has the headers of its own turn, not of the upgrade', () => {
    const upgrade = {
      'user-agent': 'codex_exec/0.169.0',
      'openai-beta': 'responses_websockets=2026-02-06',
      'x-codex-turn-metadata': '{"request_kind":"prewarm"}',
      'x-codex-window-id': 'w:0',
    };
    const metadata = {
      'x-codex-turn-metadata': '{"request_kind":"turn"}',
      'x-codex-turn-state': 'ts-1',
      'x-codex-window-id': 'w:1',
    };
    const form = httpForm(turn({ client_metadata: metadata }, upgrade));
    expect(form.headers).toEqual({
      'user-agent': 'codex_exec/0.169.0',
      'x-codex-turn-metadata': '{"request_kind":"turn"}',
      'x-codex-turn-state': 'ts-1',
      'x-codex-window-id': 'w:1',
    });
    expect(JSON.parse(textOf(form))).toEqual({
      client_metadata: { 'x-codex-turn-metadata': '{"request_kind":"turn"}', 'x-codex-window-id': 'w:1' },
    });
  });

  it('puts nothing into a header that no header can carry', () => {
    const form = httpForm(turn({ client_metadata: { 'x-codex-turn-state': 'a\r\nb: c', 'x-codex-window-id': 7 } }));
    expect(form.headers).toEqual({});
  });

  it('leaves the body of the turn as it is, to be sent on a websocket', () => {
    const call = turn({ type: 'response.create' });
    httpForm(call);
    expect(textOf(call)).toBe('{"type":"response.create"}');
  });

  it('is not given to a call that came over HTTP', () => {
    const call = aCall();
    expect(httpForm(call)).toBe(call);
  });
});

import { platformBody } from './body.js';

const sent = (body: unknown): unknown => JSON.parse(platformBody(Buffer.from(JSON.stringify(body))).toString());

describe('a body for the Platform', () => {
  it('goes out byte for byte when there is nothing to change', () => {
    const bytes = Buffer.from('{"model":"gpt-5.5", "store":false,"input":[{"n":1.0}]}');
    expect(platformBody(bytes)).toBe(bytes);
  });

  it.each([[true], [false]])('keeps what the client says of being kept: %s', (store) => {
    expect(sent({ model: 'gpt-5.5', store, client_metadata: {} })).toEqual({ model: 'gpt-5.5', store });
  });

  it.each([[{}], [{ store: null }]])('is not to be kept when the client does not say: %j', (body) => {
    expect(sent(body)).toEqual({ store: false });
  });

  it('loses what Codex clients put into its items for their own backend, and nothing else of them', () => {
    const item = { type: 'message', role: 'user', id: 'msg_1', content: [], namespace: 'n' };
    const input = [{ ...item, internal_chat_message_metadata_passthrough: { turn_id: 't' } }, item, 'text', null];
    expect(sent({ store: false, input })).toEqual({ store: false, input: [item, item, 'text', null] });
  });

  it.each([['{"model":'], ['[1]'], ['']])('that is no JSON object is left to the Platform: %j', (text) => {
    const bytes = Buffer.from(text);
    expect(platformBody(bytes)).toBe(bytes);
  });
});

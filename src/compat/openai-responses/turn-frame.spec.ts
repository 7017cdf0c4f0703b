import { streamIdOf, turnFrame } from './turn-frame.js';

const create = (over: object = {}) => ({ type: 'response.create', model: 'gpt-5.5', input: 'Hi', ...over });

describe('a frame of the public websocket', () => {
  it('is a request without what belongs to the websocket', () => {
    const frame = create({
      stream_id: 's',
      turn_id: 't',
      stream: true,
      background: false,
      generate: true,
      store: false,
    });
    expect(turnFrame(frame)).toEqual({
      body: {
        model: 'gpt-5.5',
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
        store: false,
      },
      turnId: 't',
      warmsUp: false,
    });
  });

  it('keeps a background that was asked for, which is then refused', () => {
    expect(turnFrame(create({ background: true })).body).toHaveProperty('background', true);
  });

  it.each([
    ['conversation.item.create', {}, 'model'],
    ['session.update', { model: 'gpt-5.5' }, 'type'],
    [undefined, { model: 'gpt-5.5' }, 'type'],
  ])('is refused with the type %s', (type, over, param) => {
    expect(() => turnFrame({ type, ...over })).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param } }) as Error,
    );
  });

  it.each([undefined, null, 'a', 'A-1_b.c', 'x'.repeat(256)])('may be called %s', (id) => {
    expect(streamIdOf({ stream_id: id })).toBe(id ?? undefined);
  });

  it.each(['', 'a b', 'x'.repeat(257), 7, {}])('may not be called %j', (id) => {
    expect(() => streamIdOf({ stream_id: id })).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param: 'stream_id' } }) as Error,
    );
  });
});

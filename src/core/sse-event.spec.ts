import fc from 'fast-check';
import type { ResponseEvent } from './events.js';
import { jsonEvent, labelOf } from './sse-event.js';
import { SseFramer } from './sse.js';

const only = (text: string) => jsonEvent(Buffer.from(text)).events[0];

const firstOf = (text: string): ResponseEvent => {
  const event = new SseFramer().push(Buffer.from(text))?.events[0];
  if (event === undefined) throw new Error('The text holds no complete block.');
  return event;
};

describe('ResponseEvent', () => {
  it.each([
    ['the type when it comes first', 'data: {"type":"a.b","x":{"type":"nested"}}\n\n', 'a.b'],
    ['the type with blanks around it', 'data:  {\t"type" : "a" }\n\n', 'a'],
    ['the type when it comes last', 'data: {"item":{"type":"nested"},"type":"a"}\n\n', 'a'],
    ['the type when it is escaped', 'data: {"type":"a\\u002eb"}\n\n', 'a.b'],
    ['no nested type', 'data: {"item":{"type":"nested"}}\n\n', ''],
    ['no type out of an array', 'data: [{"type":"nested"}]\n\n', ''],
    ['no type out of a string', 'data: "{\\"type\\":\\"nested\\"}"\n\n', ''],
    ['no type that is not a string', 'data: {"type":5}\n\n', ''],
    ['no type out of a line that is not data', 'data: {\n"type":"x"}\ndata: "a":1}\n\n', ''],
    ['the type in the JSON before the label', 'event: label\ndata: {"type":"a"}\n\n', 'a'],
    ['the type in the JSON when the label is blank (trap 5)', 'event: \t \ndata: {"type":"a"}\n\n', 'a'],
    ['the type after a byte order mark', '\uFEFFdata: {"type":"a"}\n\n', 'a'],
    ['no type that is followed by nonsense', 'data: {"type":"a" "b"}\n\n', ''],
    ['the label when the JSON has none', 'data: {"x":1}\nevent: label \n\n', 'label'],
    ['the last label that is not blank', 'event: one\nevent: two\nevent:\ndata: {}\n\n', 'two'],
    ['nothing from a blank label', 'event:  \ndata: {}\n\n', ''],
    ['nothing from [DONE]', 'data: [DONE]\n\n', ''],
    ['nothing from a comment', ': {"type":"a"}\n\n', ''],
    ['nothing from text that is not JSON', 'data: {"kind":"a","type":"b"\n\n', ''],
  ])('takes %s', (_, text, type) => {
    expect(firstOf(text).type).toBe(type);
  });

  it('has the type that parsing the JSON would give, whatever the object', () => {
    const type = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant('response.completed'));
    const inner = fc.dictionary(fc.constantFrom('type', 'item', 'a'), fc.oneof(fc.string(), fc.object()));
    fc.assert(
      fc.property(fc.option(type), inner, fc.boolean(), fc.boolean(), (own, item, first, spaced) => {
        const value = first
          ? { ...(own !== null && { type: own }), item }
          : { item, ...(own !== null && { type: own }) };
        const lines = JSON.stringify(value, null, spaced ? 1 : 0).split('\n');
        const event = firstOf(lines.map((line) => `data: ${line}\n`).join('') + '\n');
        expect(event.type).toBe(typeof own === 'string' ? own : '');
        expect(event.json()).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('parses its JSON once, and not at all while only the type is asked for', () => {
    const parse = jest.spyOn(JSON, 'parse');
    try {
      const event = firstOf('data: {"type":"a","n":1}\n\n');
      expect(event.type).toBe('a');
      expect(parse).not.toHaveBeenCalled();
      expect(event.json()).toBe(event.json());
      expect(parse).toHaveBeenCalledTimes(1);
      const bad = firstOf('data: {"kind"\n\n');
      expect([bad.type, bad.json(), bad.json()]).toEqual(['', undefined, undefined]);
      expect(parse).toHaveBeenCalledTimes(2);
    } finally {
      parse.mockRestore();
    }
  });
});

describe('jsonEvent', () => {
  it('is one event over the whole body, byte for byte', () => {
    const body = Buffer.from('{ "id": "resp_1", "n": 1.0 }');
    const batch = jsonEvent(body);
    expect(batch.raw).toBe(body);
    expect(batch.events.map((event) => event.raw)).toEqual([body]);
    expect(batch.events[0]?.json()).toEqual({ id: 'resp_1', n: 1 });
  });

  it.each([
    ['{"type":"response.completed","response":{}}', 'response.completed'],
    ['{\n  "id": "resp_1",\n  "type": "response.done"\n}', 'response.done'],
    ['{"id":"resp_1","output":[{"type":"message"}]}', ''],
    ['event: response.completed', ''],
    ['', ''],
  ])('types %j as %j', (text, type) => {
    expect(only(text)?.type).toBe(type);
  });

  it('has no JSON for a body that is none', () => {
    expect(only('<html>')?.json()).toBeUndefined();
  });
});

describe('labelOf', () => {
  it.each([
    ['event: a\ndata: {"type":"b"}\n\n', 'a'],
    ['data: {"type":"b"}\r\nevent: a\r\n\r\n', 'a'],
    ['event: \ndata: {"type":"b"}\n\n', undefined],
    ['eventual: a\ndata: {"type":"b"}\n\n', undefined],
    ['data: event: a\n\n', undefined],
  ])('reads the event line of %j as %j', (text, label) => {
    const labels = new SseFramer().push(Buffer.from(text))?.events.map(labelOf);
    expect(labels).toEqual([label]);
  });
});

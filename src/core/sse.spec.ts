import fc from 'fast-check';
import type { EventBatch, ResponseEvent } from './events.js';
import { SseFramer } from './sse.js';

/** A stream as upstreams send it, with everything a framer can trip over. */
const RECORDED = [
  '\uFEFFevent: response.created\ndata: {"type":"response.created","response":{"id":"resp_1","error":null}}\n\n',
  ': keep-alive\r\n\r\n',
  'event: codex.rate_limits\r\ndata: {"type":"codex.rate_limits","rate_limits":{"primary":{"used_percent":12}}}\r\n\r\n',
  'event:   \rdata:{"type":"response.output_text.delta","delta":"Grüße, 世界 👩‍🚀"}\r\r',
  '\n\r\n',
  'data: {"sequence_number":4,"item":{"type":"message"},"type":"response.output_item.done"}\n\r\n',
  'data: {\ndata: "type": "response.multi",\r\ndata: "text": "línea"}\r\n\n',
  'event: response.custom_thing\nid: 7\nretry: 10\ndata: {"unknown":{"type":"nested"}}\n\r',
  'data: [DONE]\r\n\r',
  'dataset: no\ndata\ndata:\n\n',
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_1","error":null,"output":[]}}',
].join('');

interface Seen {
  readonly type: string;
  readonly json: unknown;
  readonly text: string;
}

/** Line breaks around a block may move to its neighbour when a chunk ends inside a CRLF; all else must not move. */
const seen = (event: ResponseEvent): Seen => ({
  type: event.type,
  json: event.json(),
  text: event.raw.toString('utf8').replace(/^[\r\n]+|[\r\n]+$/g, ''),
});

function run(chunks: readonly Buffer[]): { raw: Buffer; events: Seen[] } {
  const framer = new SseFramer();
  const batches = [...chunks.map((chunk) => framer.push(chunk)), framer.end()].filter((batch) => batch !== undefined);
  return {
    raw: Buffer.concat(batches.map((batch) => batch.raw)),
    events: batches.flatMap((batch) => batch.events.map(seen)),
  };
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...[...at].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

const typesOf = (batch: EventBatch | undefined): string[] | undefined => batch?.events.map((event) => event.type);

describe('SseFramer', () => {
  const bytes = Buffer.from(RECORDED);
  const whole = run([bytes]);

  it('reads every event of a recorded stream', () => {
    expect(whole.events.map((event) => event.type)).toEqual([
      'response.created',
      '',
      'codex.rate_limits',
      'response.output_text.delta',
      'response.output_item.done',
      'response.multi',
      'response.custom_thing',
      '',
      '',
      'response.completed',
    ]);
    expect(whole.events[3]?.json).toEqual({ type: 'response.output_text.delta', delta: 'Grüße, 世界 👩‍🚀' });
    expect(whole.events[5]?.json).toEqual({ type: 'response.multi', text: 'línea' });
    expect(whole.raw.equals(bytes)).toBe(true);
  });

  it('sees the same events and bytes wherever the stream is split in two', () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const split = run([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(split.raw.equals(bytes)).toBe(true);
      expect(split.events).toEqual(whole.events);
    }
  });

  it('sees the same events and bytes when they come one by one (trap 2)', () => {
    const split = run(Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(split.raw.equals(bytes)).toBe(true);
    expect(split.events).toEqual(whole.events);
  });

  it('sees the same events and bytes in any chunking, empty chunks included', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
        const split = run(cut(bytes, places));
        expect(split.raw.equals(bytes)).toBe(true);
        expect(split.events).toEqual(whole.events);
      }),
    );
  });

  it('frames any mix of separators (trap 1)', () => {
    const separator = fc.constantFrom('\n', '\r\n', '\r');
    // A lone CR before a LF would read as one CRLF, so no line may end with CR when the next separator begins with LF.
    const block = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), separator, separator);
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (blocks, places) => {
          const safe = blocks.map(([text, first, second]) => [
            text,
            first,
            first === '\r' && second === '\n' ? '\r' : second,
          ]);
          const stream = safe.map(([text, first, second]) => `data: ${JSON.stringify({ text })}${first}${second}`);
          const { raw, events } = run(cut(Buffer.from(stream.join('')), places));
          expect(events.map((event) => event.json)).toEqual(blocks.map(([text]) => ({ text })));
          expect(raw.toString('utf8')).toBe(stream.join(''));
        },
      ),
    );
  });

  it('loses and adds no byte of any input', () => {
    const noise = fc.array(fc.constantFrom('\n', '\r', '\r\n', 'data: 1', ':', 'event: a', 'é', '\uFEFF', '{'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(noise, fc.array(fc.nat(), { maxLength: 8 }), (parts, places) => {
        const input = Buffer.from(parts.join(''));
        const once = run([input]);
        const split = run(cut(input, places));
        expect(once.raw.equals(input)).toBe(true);
        expect(split.raw.equals(input)).toBe(true);
        expect(split.events).toEqual(once.events);
      }),
    );
  });

  it('lays the events of a batch end to end over its bytes', () => {
    const batch = new SseFramer().push(Buffer.from('data: {"type":"a"}\n\n\r\n: hi\r\rdata: {"type":"b"}\n\n'));
    expect(Buffer.concat(batch?.events.map((event) => event.raw) ?? []).equals(batch?.raw ?? Buffer.alloc(0))).toBe(
      true,
    );
    expect(batch?.events.every((event) => event.raw.buffer === batch.raw.buffer)).toBe(true);
  });

  it('hands on the chunk itself when nothing was carried over', () => {
    const chunk = Buffer.from('data: {"type":"a"}\n\ndata: {"ty');
    const batch = new SseFramer().push(chunk);
    expect(batch?.raw.buffer).toBe(chunk.buffer);
    expect(batch?.raw.byteOffset).toBe(chunk.byteOffset);
  });

  it('delivers a block at a lone CR without waiting for the byte after it', () => {
    const framer = new SseFramer();
    expect(typesOf(framer.push(Buffer.from('data: {"type":"a"}\r\n\r')))).toEqual(['a']);
    expect(framer.push(Buffer.from('\n'))).toBeUndefined();
    expect(typesOf(framer.push(Buffer.from('data: {"type":"b"}\n\n')))).toEqual(['b']);
  });

  it('takes a LF after a CR at a chunk end as its other half, not as an empty line', () => {
    const framer = new SseFramer();
    expect(framer.push(Buffer.from('event: a\r'))).toBeUndefined();
    expect(framer.push(Buffer.alloc(0))).toBeUndefined();
    expect(framer.push(Buffer.from('\ndata: {"n":1}'))).toBeUndefined();
    expect(framer.push(Buffer.from('\r\n\r\n'))?.events.map((event) => event.json())).toEqual([{ n: 1 }]);
  });

  it('gives out empty lines at the end of the stream as bytes without an event', () => {
    const framer = new SseFramer();
    framer.push(Buffer.from('data: 1\n\n\n'));
    expect(framer.end()).toEqual({ raw: Buffer.from('\n'), events: [] });
    expect(new SseFramer().end()).toBeUndefined();
  });

  it('does not believe the type of a block that the end of the stream cut inside its JSON', () => {
    const framer = new SseFramer();
    framer.push(Buffer.from('data: {"type":"response.completed","response":{"id":"resp_1"'));
    const last = framer.end()?.events[0];
    expect(last?.type).toBe('');
    expect(last?.json()).toBeUndefined();
  });
});

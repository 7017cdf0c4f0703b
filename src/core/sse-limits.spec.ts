import { GatewayError } from './error.js';
import { SseFramer, type BlockCaps } from './sse.js';

const MIB = 1024 * 1024;

const chunked = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** How many events came out. */
function run(chunks: readonly Buffer[], caps: BlockCaps): number {
  const framer = new SseFramer(caps);
  const batches = [...chunks.map((chunk) => framer.push(chunk)), framer.end()];
  return batches.reduce((events, batch) => events + (batch?.events.length ?? 0), 0);
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('SseFramer caps', () => {
  const caps = { ordinaryBytes: 100, terminalBytes: 400 };
  const block = (head: string, bytes: number) => Buffer.from(`${head}${'x'.repeat(bytes - head.length - 2)}\n\n`);
  const chunkSizes = [1, 7, 64, 1000];
  const tooLarge = expect.objectContaining({ code: 'upstream_response_too_large' }) as unknown;

  it.each(chunkSizes)('refuses an ordinary block over its cap and passes one at it, in chunks of %i', (size) => {
    expect(run(chunked(block('data: ', 100), size), caps)).toBe(1);
    expect(thrownBy(() => run(chunked(block('data: ', 101), size), caps))).toEqual(tooLarge);
  });

  it.each([
    'event: response.completed\ndata: ',
    'event:response.failed\r\ndata: ',
    'event: response.output_item.done\ndata: ',
    ': hi\nevent: response.incomplete\ndata: ',
    'data: {"type":"response.done","response":"',
    'data: {"sequence_number":9, "type": "response.completed",',
  ])('lets a block that may hold a whole answer grow to its own cap: %j', (head) => {
    for (const size of chunkSizes) {
      expect(run(chunked(block(head, 400), size), caps)).toBe(1);
      expect(thrownBy(() => run(chunked(block(head, 401), size), caps))).toEqual(tooLarge);
    }
  });

  it('counts bytes, not characters (trap 2)', () => {
    const text = (umlauts: number) => Buffer.from(`data: ${'ü'.repeat(umlauts)}\n\n`);
    for (const size of chunkSizes) {
      expect(run(chunked(text(46), size), caps)).toBe(1);
      expect(thrownBy(() => run(chunked(text(47), size), caps))).toEqual(tooLarge);
    }
  });

  it('does not take an escaped mention of a terminal for one', () => {
    const mention = block(
      'data: {"type":"response.output_text.delta","delta":"\\"type\\":\\"response.completed\\"',
      120,
    );
    expect(thrownBy(() => run([mention], caps))).toEqual(tooLarge);
  });

  it('gives out the events before a block that is too large, then fails for good (trap 3)', () => {
    const framer = new SseFramer(caps);
    const batch = framer.push(Buffer.concat([Buffer.from('data: {"type":"a"}\n\n'), block('data: ', 101)]));
    expect(batch?.events.map((event) => event.type)).toEqual(['a']);
    expect(batch?.raw.toString()).toBe('data: {"type":"a"}\n\n');
    expect(thrownBy(() => framer.push(Buffer.from('data: 1\n\n')))).toBeInstanceOf(GatewayError);
    expect(thrownBy(() => framer.end())).toEqual(tooLarge);
  });

  it('holds 8 MiB of an ordinary and 64 MiB of a terminal block when nothing else is said (trap 3)', () => {
    const filler = Buffer.alloc(64 * 1024, 'x');
    const fill = (head: string, bytes: number): SseFramer => {
      const framer = new SseFramer();
      framer.push(Buffer.from(head));
      for (let sent = head.length; sent < bytes; sent += filler.length) {
        framer.push(filler.subarray(0, Math.min(filler.length, bytes - sent)));
      }
      return framer;
    };
    const ordinary = 'data: {"type":"response.output_text.delta","delta":"';
    expect(fill(ordinary, 8 * MIB).end()?.raw.length).toBe(8 * MIB);
    expect(thrownBy(() => fill(ordinary, 8 * MIB + 1))).toEqual(tooLarge);
    const terminal = 'data: {"type":"response.completed","response":{"id":"';
    expect(fill(terminal, 64 * MIB).end()?.raw.length).toBe(64 * MIB);
    expect(thrownBy(() => fill(terminal, 64 * MIB + 1))).toEqual(tooLarge);
  });
});

describe('SseFramer work', () => {
  const long = `data: {"type":"response.completed","x":"${'y'.repeat(60_000)}"}\n\n`;
  it.each([
    ['one long line', 1, long],
    ['one long line', 100, long],
    ['one long line', 5_000, long],
    ['many lines and one CR', 70_000, `${'data: 1\n'.repeat(8_000)}\r`],
    ['many CRs and one LF', 70_000, `${'data: 1\r'.repeat(8_000)}\n`],
  ])('looks at and copies each byte a fixed number of times: %s in chunks of %i', (_, size, text) => {
    const block = Buffer.from(text);
    let looked = 0;
    let copied = 0;
    const indexOf = jest.spyOn(Buffer.prototype, 'indexOf').mockImplementation(function (this: Buffer, value, from) {
      const start = typeof from === 'number' ? from : 0;
      const at = Uint8Array.prototype.indexOf.call(this, Number(value), start);
      looked += (at === -1 ? this.length : at + 1) - start;
      return at;
    });
    const copy = jest.spyOn(Buffer.prototype, 'copy').mockImplementation(function (this: Buffer, ...[target, at]) {
      (target as Buffer).set(this, Number(at ?? 0));
      copied += this.length;
      return this.length;
    });
    const concat = jest.spyOn(Buffer, 'concat').mockImplementation((parts, bytes = 0) => {
      const whole = Buffer.alloc(bytes);
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      copied += bytes;
      return whole;
    });
    try {
      const framer = new SseFramer();
      for (let at = 0; at < block.length; at += size) framer.push(block.subarray(at, at + size));
    } finally {
      [indexOf, copy, concat].forEach((spy) => spy.mockRestore());
    }
    expect(looked).toBeLessThanOrEqual(2 * block.length + 8);
    expect(looked).toBeGreaterThanOrEqual(block.length);
    expect(copied).toBeLessThanOrEqual(2 * block.length + 8);
  });
});

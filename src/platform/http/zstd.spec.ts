import { zstdRepeated, zstdSkippable, zstdStored } from '../../../test/support/zstd-frame.js';
import { WINDOW_LIMIT_BYTES } from './zstd-frames.js';
import { ZstdInflater } from './zstd.js';

/** What `zstd -3 --check` makes of `PLAIN`: one compressed block, and a checksum. */
const COMPRESSED = Buffer.from(
  'KLUv/QRY5QgAQoskITBt2wag0GGjW3WTYVufF7HMR0REAXpKdrfDCSU5KCgoKo8DZmZmZubd3d3dXVVVVVXVzMzMzExERERELCAYEODVxPM4shjXiFCkpR3WMUxpFg5iJZx6WAvCMSySpuFaoR0KuFZJOnpT3dRa/Hxppjl6p7X8vBEFw7Ry9GaNdocBemuYSn7OAJxoDDl6asZS7gg9IKAzUjpF4tP5ifkkPp2fmE/i0/mJ+SQ+nZ+YT+LT+Yn5JD6dn5hP4tP5ifkkPp2fmE/i0/mJ+SQ+nZ+YT+LT+Yn5JD6dn5hP4tP5iTmT+HVN59YzMa/OJE590/n0TsylM4lH33QOvRP7cyZ75yfWk/R0bWI9SU/XJ9aT9HTdJxZpY7ai/VEOXx3t',
  'base64',
);
const PLAIN = JSON.stringify({
  model: 'gpt-5.5',
  input: Array.from({ length: 60 }, (_, at) => ({
    type: 'message',
    role: 'user',
    content: `line ${at}: the quick brown fox jumps over the lazy dog`,
  })),
});

async function inflate(stream: Buffer, stepBytes = stream.length): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const inflater = new ZstdInflater((piece) => pieces.push(piece));
  try {
    for (let at = 0; at < stream.length; at += stepBytes) await inflater.write(stream.subarray(at, at + stepBytes));
    await inflater.end();
    return Buffer.concat(pieces);
  } finally {
    inflater.close();
  }
}

describe('ZstdInflater', () => {
  it.each([1, 2, 7, 100, 10_000])('reads what zstd wrote, in chunks of %i bytes (trap 58)', async (stepBytes) => {
    expect((await inflate(COMPRESSED, stepBytes)).toString()).toBe(PLAIN);
  });

  it('reads frames one after the other, in one chunk too, and skips the skippable', async () => {
    const stream = Buffer.concat([
      zstdSkippable(Buffer.from('note')),
      COMPRESSED,
      zstdSkippable(Buffer.alloc(0)),
      zstdStored(Buffer.from('second')),
      zstdStored(Buffer.alloc(0)),
    ]);
    for (const stepBytes of [1, stream.length]) {
      expect((await inflate(stream, stepBytes)).toString()).toBe(`${PLAIN}second`);
    }
  });

  it('reads blocks of the full 128 KiB', async () => {
    const content = Buffer.alloc(300_000, 'stored ');
    expect((await inflate(zstdStored(content), 65_536)).equals(content)).toBe(true);
    expect((await inflate(zstdRepeated('x', 300_000))).equals(Buffer.alloc(300_000, 'x'))).toBe(true);
  });

  it.each([
    ['stops in its magic', COMPRESSED.subarray(0, 3)],
    ['stops in its header', COMPRESSED.subarray(0, 5)],
    ['stops in a block', COMPRESSED.subarray(0, -20)],
    ['stops in its checksum', COMPRESSED.subarray(0, -1)],
    ['stops after a block that is not the last', zstdRepeated('x', 131_072 * 2).subarray(0, -4)],
    ['stops in a skippable frame', zstdSkippable(Buffer.alloc(10)).subarray(0, -1)],
    ['is nothing but a skippable frame', zstdSkippable(Buffer.alloc(10))],
    ['is text', Buffer.from('{"model":"gpt-5.5"}')],
    ['goes on after its end', Buffer.concat([COMPRESSED, Buffer.from('more')])],
    ['needs a dictionary', Buffer.from('28b52ffd0138010000000000', 'hex')],
    ['sets a reserved bit', Buffer.from('28b52ffd0838010000', 'hex')],
    ['has a block of the reserved type', Buffer.from('28b52ffd0038070000', 'hex')],
    ['has a block larger than any may be', Buffer.from('28b52ffd0068ffffffff', 'hex')],
    ['is damaged inside', Buffer.concat([COMPRESSED.subarray(0, 30), Buffer.alloc(COMPRESSED.length - 30, 0xff)])],
  ])('refuses a stream that %s', async (_, stream) => {
    await expect(inflate(stream)).rejects.toThrow();
  });

  it('refuses a window above 8 MiB before it claims any memory for it', async () => {
    const log = Math.log2(WINDOW_LIMIT_BYTES);
    expect(await inflate(zstdStored(Buffer.from('ok'), { windowLog: log }))).toEqual(Buffer.from('ok'));
    const before = process.memoryUsage().arrayBuffers;
    await expect(inflate(zstdStored(Buffer.from('no'), { windowLog: 31 }))).rejects.toThrow('window too large');
    const single = Buffer.concat([Buffer.from('28b52ffda0', 'hex'), Buffer.from('ffffff7f', 'hex')]);
    await expect(inflate(Buffer.concat([single, Buffer.alloc(9)]))).rejects.toThrow('window too large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('stops where the sink does (trap 58)', async () => {
    let seen = 0;
    const inflater = new ZstdInflater((piece) => {
      seen += piece.length;
      if (seen > 1_000_000) throw new Error('enough');
    });
    await expect(inflater.write(zstdRepeated('x', 100_000_000))).rejects.toThrow('enough');
    expect(seen).toBeLessThan(1_200_000);
  });

  it('lets others run while it works', async () => {
    let turns = 0;
    const ticker = setInterval(() => (turns += 1), 1);
    await inflate(zstdRepeated('x', 64 * 1024 * 1024, { windowLog: 23 }));
    clearInterval(ticker);
    expect(turns).toBeGreaterThan(2);
  });
});

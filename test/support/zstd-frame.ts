/** zstd without a compressor, which Node 20 has none of: blocks that are stored, or one byte repeated (RFC 8878 §3.1.1.2). */

const BLOCK_BYTES = 128 * 1024;
const [STORED, REPEATED] = [0, 1];

interface Frame {
  /** Base-2 logarithm of the window that the header claims. */
  readonly windowLog?: number;
}

/** A frame that holds the content as it is. */
export function zstdStored(content: Buffer, frame: Frame = {}): Buffer {
  const blocks = pieces(content.length).map(([from, size], at, all) =>
    Buffer.concat([blockHead(size, STORED, at === all.length - 1), content.subarray(from, from + size)]),
  );
  return Buffer.concat([head(frame), ...blocks]);
}

/** A frame of four bytes for each 128 KiB of its content. */
export function zstdRepeated(letter: string, sizeBytes: number, frame: Frame = {}): Buffer {
  const blocks = pieces(sizeBytes).map(([, size], at, all) =>
    Buffer.concat([blockHead(size, REPEATED, at === all.length - 1), Buffer.from(letter)]),
  );
  return Buffer.concat([head(frame), ...blocks]);
}

/** A frame that decoders must skip. */
export const zstdSkippable = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18]), uint32(content.length), content]);

function head({ windowLog = 17 }: Frame): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]);
}

function blockHead(size: number, type: number, last: boolean): Buffer {
  return uint32((size << 3) | (type << 1) | Number(last)).subarray(0, 3);
}

function pieces(sizeBytes: number): readonly (readonly [from: number, size: number])[] {
  const count = Math.max(1, Math.ceil(sizeBytes / BLOCK_BYTES));
  return Array.from({ length: count }, (_, at) => {
    const from = at * BLOCK_BYTES;
    return [from, Math.min(BLOCK_BYTES, sizeBytes - from)] as const;
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

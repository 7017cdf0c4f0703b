const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a5; // RFC 8878 §3.1.2: the upper 28 bits
const BLOCK_LIMIT_BYTES = 128 * 1024;
/** What RFC 8878 §3.1.1.1.2 asks of every decoder. A larger window is memory that the header alone would claim. */
export const WINDOW_LIMIT_BYTES = 8 * 1024 * 1024;

/** A frame's header, one of its blocks, or its checksum; `ends` marks the frame's last part. */
export interface ZstdPart {
  readonly bytes: Buffer;
  readonly starts: boolean;
  readonly ends: boolean;
}

/**
 * Cuts a zstd stream into its frames' parts without decompressing anything, so that a decoder meets one block at a time
 * and no header it cannot afford. Skippable frames are dropped.
 *
 * @throws Error for what is not zstd, needs a dictionary, or asks for more than `WINDOW_LIMIT_BYTES`
 */
export class ZstdFrames {
  private held: Buffer = Buffer.alloc(0);
  private skipBytes = 0;
  private frame: { readonly blockLimitBytes: number; readonly checksum: boolean; trailing: boolean } | undefined;

  *push(chunk: Buffer): Generator<ZstdPart> {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    for (;;) {
      this.skip();
      const part = this.frame ? this.bodyPart(this.frame) : this.header();
      if (part === 'more') return;
      if (part === 'skipped') continue;
      this.held = this.held.subarray(part.bytes.length);
      if (part.ends) this.frame = undefined;
      yield part;
    }
  }

  /** @throws Error when the stream stops inside a frame */
  end(): void {
    if (this.held.length > 0 || this.skipBytes > 0 || this.frame) throw new Error('cut off');
  }

  private skip(): void {
    const bytes = Math.min(this.skipBytes, this.held.length);
    this.skipBytes -= bytes;
    this.held = this.held.subarray(bytes);
  }

  private header(): ZstdPart | 'more' | 'skipped' {
    if (this.held.length < 4) return 'more';
    const magic = this.held.readUInt32LE(0);
    if (magic >>> 4 === SKIPPABLE_MAGIC) {
      if (this.held.length < 8) return 'more';
      this.skipBytes = 8 + this.held.readUInt32LE(4);
      return 'skipped';
    }
    if (magic !== MAGIC) throw new Error('not a zstd frame');
    const parsed = frameHeader(this.held);
    if (!parsed) return 'more';
    if (parsed.windowBytes > WINDOW_LIMIT_BYTES) throw new Error('window too large');
    const blockLimitBytes = Math.min(parsed.windowBytes, BLOCK_LIMIT_BYTES);
    this.frame = { blockLimitBytes, checksum: parsed.checksum, trailing: false };
    return { bytes: this.held.subarray(0, parsed.sizeBytes), starts: true, ends: false };
  }

  private bodyPart(frame: NonNullable<ZstdFrames['frame']>): ZstdPart | 'more' {
    const headBytes = frame.trailing ? 4 : 3;
    if (this.held.length < headBytes) return 'more';
    if (frame.trailing) return { bytes: this.held.subarray(0, 4), starts: false, ends: true };
    const head = this.held.readUIntLE(0, 3);
    const [last, type, regenerated] = [(head & 1) === 1, (head >> 1) & 3, head >> 3];
    if (type === 3 || regenerated > frame.blockLimitBytes) throw new Error('bad block');
    const sizeBytes = headBytes + (type === 1 ? 1 : regenerated);
    if (this.held.length < sizeBytes) return 'more';
    frame.trailing = last && frame.checksum;
    return { bytes: this.held.subarray(0, sizeBytes), starts: false, ends: last && !frame.checksum };
  }
}

interface FrameHeader {
  readonly sizeBytes: number;
  readonly windowBytes: number;
  readonly checksum: boolean;
}

/** RFC 8878 §3.1.1.1; `undefined` while bytes are missing. */
function frameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < 6) return undefined;
  const descriptor = bytes.readUInt8(4);
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const contentAt = 5 + (single ? 0 : 1) + dictionaryBytes;
  if (descriptor & 0x08) throw new Error('reserved bit');
  if (dictionaryBytes > 0) throw new Error('needs a dictionary');
  if (bytes.length < contentAt + contentBytes) return undefined;
  return {
    sizeBytes: contentAt + contentBytes,
    windowBytes: single ? contentSize(bytes, contentAt, contentBytes) : windowSize(bytes.readUInt8(5)),
    checksum: (descriptor & 0x04) !== 0,
  };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

import { setImmediate as turn } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { StreamInflater, type Inflater, type Sink, type ZlibStream } from './inflater.js';
import { ZstdFrames, type ZstdPart } from './zstd-frames.js';

/** How long a body may keep the event loop to itself. */
const SLICE_MS = 8;

/** Decodes the parts of one frame. */
interface FrameDecoder {
  write(part: Buffer): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

/** fzstd runs on our own thread: one block (at most 128 KiB of output) at a time, giving way to others between them. */
class ScriptDecoder implements FrameDecoder {
  private readonly stream: Decompress;
  private sliceStartMs = performance.now();

  constructor(sink: Sink) {
    this.stream = new Decompress((piece) => {
      if (piece.length > 0) sink(piece);
    });
  }

  async write(part: Buffer): Promise<void> {
    this.stream.push(part);
    if (performance.now() - this.sliceStartMs < SLICE_MS) return;
    await turn();
    this.sliceStartMs = performance.now();
  }

  async end(): Promise<void> {
    this.stream.push(new Uint8Array(0), true);
  }

  close(): void {
    // Nothing is held outside the heap.
  }
}

/** Absent before Node 22.15. */
const createNative = (zlib as { readonly createZstdDecompress?: () => ZlibStream }).createZstdDecompress;

const nativeDecoder = (create: () => ZlibStream) => (sink: Sink) => new StreamInflater(create(), sink);
const scriptDecoder = (sink: Sink) => new ScriptDecoder(sink);

/**
 * zstd, of one frame or many. Frames are told apart here, not by the decoder: Node's own stops after the first, and a
 * skippable one ends it.
 */
export class ZstdInflater implements Inflater {
  private readonly frames = new ZstdFrames();
  private decoder: FrameDecoder | undefined;
  private started = false;
  private closed = false;

  constructor(
    private readonly sink: Sink,
    private readonly open: (sink: Sink) => FrameDecoder = createNative ? nativeDecoder(createNative) : scriptDecoder,
  ) {}

  async write(chunk: Buffer): Promise<void> {
    for (const part of this.frames.push(chunk)) await this.take(part);
  }

  async end(): Promise<void> {
    this.frames.end();
    if (!this.started) throw new Error('no frame');
  }

  /** Also stops a `write` that is still at work. */
  close(): void {
    this.closed = true;
    this.decoder?.close();
  }

  private async take({ bytes, starts, ends }: ZstdPart): Promise<void> {
    if (this.closed) throw new Error('closed');
    if (starts) {
      this.started = true;
      this.decoder = this.open(this.sink);
    }
    await this.decoder?.write(bytes);
    if (!ends) return;
    await this.decoder?.end();
    this.decoder?.close();
    this.decoder = undefined;
  }
}

export const zstd = (sink: Sink): Inflater => new ZstdInflater(sink);

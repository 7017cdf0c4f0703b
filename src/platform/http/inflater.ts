import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** Takes the pieces of the decompressed body, in order. Throws to stop: what it throws comes out of `write` or `end`. */
export type Sink = (piece: Uint8Array) => void;

/** Decompresses one body. Errors of the format are plain errors; whoever drives it knows what they mean. */
export interface Inflater {
  /** Resolves when every byte of the chunk has been worked through. */
  write(chunk: Buffer): Promise<void>;
  /** @throws Error when the body is cut off, or goes on after its end */
  end(): Promise<void>;
  close(): void;
}

/** One of `node:zlib`'s streams. `bytesWritten` counts what the format consumed. */
export type ZlibStream = Transform & { readonly bytesWritten: number };

/** Any of Node's decompressing streams; pieces are at most 16 KiB. */
export class StreamInflater implements Inflater {
  private fedBytes = 0;
  private failed = false;
  private fail: (error: unknown) => void = () => undefined;
  private readonly failure: Promise<never>;
  private readonly finished: Promise<unknown>;

  constructor(
    private readonly stream: ZlibStream,
    sink: Sink,
  ) {
    this.failure = new Promise((_, reject) => {
      this.fail = (error) => {
        this.failed = true;
        reject(error);
      };
    });
    this.finished = once(stream, 'end');
    this.failure.catch(() => undefined);
    this.finished.catch(() => undefined);
    stream.on('error', this.fail);
    stream.on('data', (piece: Buffer) => {
      if (!this.failed) this.give(piece, sink);
    });
  }

  async write(chunk: Buffer): Promise<void> {
    this.fedBytes += chunk.length;
    const written = new Promise<void>((done, failed) => {
      this.stream.write(chunk, (error) => (error ? failed(error) : done()));
    });
    await Promise.race([this.failure, written]);
    await this.check();
  }

  async end(): Promise<void> {
    this.stream.end();
    await Promise.race([this.failure, this.finished]);
    await this.check();
  }

  close(): void {
    this.fail(new Error('closed'));
    this.stream.destroy();
  }

  private give(piece: Buffer, sink: Sink): void {
    try {
      sink(piece);
    } catch (error) {
      this.fail(error);
      this.stream.destroy();
    }
  }

  /** The streams ignore what follows the end of their format; the bytes they consumed give it away. */
  private async check(): Promise<void> {
    if (this.failed) await this.failure;
    if (this.stream.readableEnded && this.stream.bytesWritten < this.fedBytes) throw new Error('trailing bytes');
  }
}

/** `deflate` is zlib's format by the book (RFC 9110 §8.4.1.2) and raw deflate in the wild: the first two bytes tell. */
export class DeflateInflater implements Inflater {
  private inner: StreamInflater | undefined;
  private head: Buffer = Buffer.alloc(0);

  constructor(private readonly sink: Sink) {}

  async write(chunk: Buffer): Promise<void> {
    if (this.inner) return this.inner.write(chunk);
    this.head = Buffer.concat([this.head, chunk]);
    if (this.head.length >= 2) await this.open().write(this.head);
  }

  async end(): Promise<void> {
    const inner = this.inner ?? this.open();
    if (this.head.length === 1) await inner.write(this.head);
    return inner.end();
  }

  close(): void {
    this.inner?.close();
  }

  private open(): StreamInflater {
    const isZlib =
      this.head.length >= 2 && (this.head.readUInt8(0) & 0x0f) === 8 && this.head.readUInt16BE(0) % 31 === 0;
    this.inner = new StreamInflater(isZlib ? createInflate() : createInflateRaw(), this.sink);
    return this.inner;
  }
}

export const gunzip = (sink: Sink): Inflater => new StreamInflater(createGunzip(), sink);
export const brotli = (sink: Sink): Inflater => new StreamInflater(createBrotliDecompress(), sink);

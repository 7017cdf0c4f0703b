import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { GatewayError } from '../../core/index.js';
import type { Config } from '../config/index.js';
import { brotli, DeflateInflater, gunzip, type Inflater, type Sink } from './inflater.js';
import { isJsonMedia } from './json.js';
import { pullBody } from './pull-body.js';
import { zstd } from './zstd.js';

export interface BodyLimits {
  /** Of a body as the application sees it. */
  readonly plainBytes: number;
  /** Of a compressed body as it arrives. */
  readonly compressedBytes: number;
  /** Output over input of a compressed body. */
  readonly ratio: number;
  /** Output that is never held against the ratio: a small body of one repeated letter is not a bomb. */
  readonly ratioFreeBytes: number;
  /** Longest time without a byte. */
  readonly idleMs: number;
  /** For reading and inflating a compressed body, together. */
  readonly inflateMs: number;
  /** What a body over `plainBytes` is called; absent: `decompressed_request_too_large`. */
  readonly tooLarge?: 'request_too_large';
}

export const bodyLimits = (config: Config): BodyLimits => ({
  plainBytes: config.JSON_LIMIT_BYTES,
  compressedBytes: config.COMPRESSED_LIMIT_BYTES,
  ratio: 200,
  ratioFreeBytes: 64 * 1024,
  idleMs: config.BODY_IDLE_MS,
  inflateMs: config.DECOMPRESSION_MS,
});

const INFLATERS: Readonly<Record<string, (sink: Sink) => Inflater>> = {
  gzip: gunzip,
  deflate: (sink) => new DeflateInflater(sink),
  br: brotli,
  zstd,
};

/**
 * A request's whole body, decompressed. Nothing is ever held beyond the limits, and all of them are checked while the
 * bytes come in; a declared length that is too large is refused before the first.
 *
 * @param payload not destroyed, also when this throws: the socket is still needed for the answer
 * @throws GatewayError, one code per limit; `client_disconnected` when the client left before the end
 */
export async function readBody(
  headers: IncomingHttpHeaders,
  payload: Readable,
  limits: BodyLimits,
  signal?: AbortSignal,
): Promise<Buffer> {
  const encoding = firstEncoding(headers['content-encoding']);
  if (encoding === 'identity') return readPlain(headers, payload, limits, signal);
  const open = Object.hasOwn(INFLATERS, encoding) ? INFLATERS[encoding] : undefined;
  if (!open)
    throw new GatewayError('unsupported_content_encoding', 'Send the body plain, or as gzip, deflate, br or zstd.');
  if (!isJsonMedia(headers['content-type'])) {
    throw new GatewayError('unsupported_media_type', 'Only JSON bodies may be compressed.');
  }
  if (declaredBytes(headers) > limits.compressedBytes) throw tooLargeCompressed();
  return readCompressed(payload, open, limits, signal);
}

async function readPlain(
  headers: IncomingHttpHeaders,
  payload: Readable,
  limits: BodyLimits,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (declaredBytes(headers) > limits.plainBytes) throw tooLarge(limits);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const keep = (chunk: Buffer): undefined => {
    sizeBytes += chunk.length;
    if (sizeBytes > limits.plainBytes) throw tooLarge(limits);
    chunks.push(chunk);
  };
  await pullBody(payload, keep, { idleMs: limits.idleMs, signal });
  return Buffer.concat(chunks, sizeBytes);
}

async function readCompressed(
  payload: Readable,
  open: (sink: Sink) => Inflater,
  limits: BodyLimits,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const gauge = new Gauge(limits);
  const inflater = open((piece) => gauge.give(piece));
  const stop = new AbortController();
  const expired = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  const abort = () => stop.abort(signal?.reason);
  const timer = setTimeout(() => stop.abort(tooSlow()), limits.inflateMs);
  signal?.addEventListener('abort', abort);
  const write = (chunk: Buffer) => {
    gauge.take(chunk);
    stop.signal.throwIfAborted();
    return inflater.write(chunk).catch(corrupt);
  };
  const whole = async () => {
    await pullBody(payload, write, { idleMs: limits.inflateMs, signal: stop.signal });
    if (gauge.takenBytes > 0) await inflater.end().catch(corrupt);
  };
  try {
    if (signal?.aborted) abort();
    await Promise.race([whole(), expired]);
    return gauge.body();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    expired.catch(() => undefined);
    inflater.close();
  }
}

/** What went into a decompressor and what came out of it. */
class Gauge {
  takenBytes = 0;
  private givenBytes = 0;
  private readonly pieces: Uint8Array[] = [];

  constructor(private readonly limits: BodyLimits) {}

  take(chunk: Buffer): void {
    this.takenBytes += chunk.length;
    if (this.takenBytes > this.limits.compressedBytes) throw tooLargeCompressed();
  }

  give(piece: Uint8Array): void {
    this.givenBytes += piece.length;
    if (this.givenBytes > this.limits.plainBytes) throw tooLarge(this.limits);
    if (this.givenBytes > this.limits.ratioFreeBytes && this.givenBytes > this.takenBytes * this.limits.ratio) {
      throw new GatewayError('decompression_ratio_exceeded', 'The body expands too much when it is decompressed.');
    }
    this.pieces.push(piece);
  }

  body(): Buffer {
    return Buffer.concat(this.pieces, this.givenBytes);
  }
}

/** Only the first token counts; no header is `identity`. */
function firstEncoding(header: string | undefined): string {
  const token = (header ?? '').split(',', 1)[0]?.trim().toLowerCase();
  return token === undefined || token === '' ? 'identity' : token;
}

/** 0 when the length is not declared: then the count decides. */
const declaredBytes = (headers: IncomingHttpHeaders) => Number(headers['content-length'] ?? 0);

const tooLarge = ({ tooLarge: code }: BodyLimits) =>
  new GatewayError(code ?? 'decompressed_request_too_large', 'The request body is too large.');
const tooLargeCompressed = () =>
  new GatewayError('compressed_request_too_large', 'The compressed request body is too large.');
const tooSlow = () =>
  new GatewayError('request_decompression_timeout', 'Reading and decompressing the request body took too long.');

/** Our own refusals pass; anything else came out of a decompressor that met what it cannot read. */
function corrupt(error: unknown): never {
  if (error instanceof GatewayError) throw error;
  throw new GatewayError('invalid_request', 'The compressed request body is damaged.', { cause: error });
}

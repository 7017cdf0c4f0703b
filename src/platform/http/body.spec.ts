import { createCipheriv } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { zstdRepeated, zstdStored } from '../../../test/support/zstd-frame.js';
import { GatewayError } from '../../core/index.js';
import { readBody, type BodyLimits } from './body.js';

const KIB = 1024;
const LIMITS: BodyLimits = {
  plainBytes: 512 * KIB,
  compressedBytes: 256 * KIB,
  ratio: 200,
  ratioFreeBytes: 64 * KIB,
  idleMs: 1_000,
  inflateMs: 5_000,
};
const TEXT = JSON.stringify({ model: 'gpt-5.5', input: Array.from({ length: 300 }, (_, at) => `line ${at}`) });
/** Does not compress. */
const NOISE = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(300 * KIB));

const JSON_TYPE = { 'content-type': 'application/json' };

async function read(bytes: Buffer, headers: Record<string, string> = {}, limits: Partial<BodyLimits> = {}) {
  const payload = Readable.from(sliced(bytes, 10_000));
  const body = await readBody({ ...JSON_TYPE, ...headers }, payload, { ...LIMITS, ...limits });
  return body.toString();
}

function* sliced(bytes: Buffer, stepBytes: number) {
  for (let at = 0; at < bytes.length; at += stepBytes) yield bytes.subarray(at, at + stepBytes);
}

const codeOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'ok',
    (error: unknown) => GatewayError.from(error).code,
  );

describe('readBody', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] }));
  afterEach(() => jest.useRealTimers());

  it.each([
    ['no encoding', {}, Buffer.from(TEXT)],
    ['an empty encoding', { 'content-encoding': '' }, Buffer.from(TEXT)],
    ['identity', { 'content-encoding': 'identity' }, Buffer.from(TEXT)],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(TEXT)],
    ['gzip in capitals, with a second token', { 'content-encoding': ' GZIP , br' }, gzipSync(TEXT)],
    [
      'gzip of two members',
      { 'content-encoding': 'gzip' },
      Buffer.concat([gzipSync(TEXT.slice(0, 99)), gzipSync(TEXT.slice(99))]),
    ],
    ['deflate', { 'content-encoding': 'deflate' }, deflateSync(TEXT)],
    ['raw deflate', { 'content-encoding': 'deflate' }, deflateRawSync(TEXT)],
    ['br', { 'content-encoding': 'br' }, brotliCompressSync(TEXT)],
    ['zstd', { 'content-encoding': 'zstd' }, zstdStored(Buffer.from(TEXT))],
    [
      'a +json type',
      { 'content-encoding': 'gzip', 'content-type': 'application/vnd.x+json; charset=utf-8' },
      gzipSync(TEXT),
    ],
  ])('reads a body with %s', async (_, headers, bytes) => {
    expect(await read(bytes, headers)).toBe(TEXT);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('reads no bytes as an empty body, also with %s', async (encoding) => {
    expect(await read(Buffer.alloc(0), { 'content-encoding': encoding })).toBe('');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('reads a %s body that arrives byte by byte', async (encoding) => {
    const compressed = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdStored }[encoding];
    const payload = Readable.from(sliced(compressed?.(Buffer.from('{"a":1}')) ?? Buffer.alloc(0), 1));
    const body = await readBody({ ...JSON_TYPE, 'content-encoding': encoding }, payload, LIMITS);
    expect(body.toString()).toBe('{"a":1}');
  });

  it.each(['compress', 'x-gzip', 'constructor', '*'])('refuses the encoding %s', async (encoding) => {
    expect(await codeOf(read(Buffer.from(TEXT), { 'content-encoding': encoding }))).toBe(
      'unsupported_content_encoding',
    );
  });

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/jsonp', ''])(
    'refuses a compressed body of type "%s"',
    async (type) => {
      const headers = { 'content-encoding': 'gzip', 'content-type': type };
      expect(await codeOf(read(gzipSync(TEXT), headers))).toBe('unsupported_media_type');
    },
  );

  it('takes a plain body of exactly the limit, and not one byte more', async () => {
    const limits = { plainBytes: TEXT.length };
    expect(await read(Buffer.from(TEXT), {}, limits)).toBe(TEXT);
    expect(await codeOf(read(Buffer.from(`${TEXT} `), {}, limits))).toBe('decompressed_request_too_large');
  });

  it.each([
    [{}, 'decompressed_request_too_large'],
    [{ 'content-encoding': 'gzip' }, 'compressed_request_too_large'],
  ])('refuses a declared length above the limit before the first byte, with %j', async (headers, code) => {
    const payload = new PassThrough();
    const declared = { ...JSON_TYPE, ...headers, 'content-length': String(LIMITS.plainBytes + 1) };
    expect(await codeOf(readBody(declared, payload, LIMITS))).toBe(code);
    expect(payload.listenerCount('data')).toBe(0);
  });

  it('counts compressed bytes as they come', async () => {
    expect(await codeOf(read(gzipSync(NOISE), { 'content-encoding': 'gzip' }))).toBe('compressed_request_too_large');
  });

  it.each([
    ['gzip', gzipSync(NOISE)],
    ['br', brotliCompressSync(NOISE)],
    ['zstd', zstdStored(NOISE)],
  ])('counts decompressed bytes as they come: %s (trap 58)', async (encoding, bytes) => {
    const limits = { plainBytes: NOISE.length - 1, compressedBytes: 2 * NOISE.length };
    expect(await codeOf(read(bytes, { 'content-encoding': encoding }, limits))).toBe('decompressed_request_too_large');
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(64 * KIB * KIB, 'x'))],
    ['deflate', deflateRawSync(Buffer.alloc(64 * KIB * KIB, 'x'))],
    ['br', brotliCompressSync(Buffer.alloc(64 * KIB * KIB, 'x'))],
    ['zstd', zstdRepeated('x', 64 * KIB * KIB)],
  ])('stops a %s body that expands too much long before it is whole (trap 58)', async (encoding, bytes) => {
    const limits = { plainBytes: 1024 * KIB * KIB };
    expect(await codeOf(read(bytes, { 'content-encoding': encoding }, limits))).toBe('decompression_ratio_exceeded');
  });

  it('does not call a small body of one repeated letter a bomb', async () => {
    const text = `{"a":"${'x'.repeat(60_000)}"}`;
    expect(await read(gzipSync(text), { 'content-encoding': 'gzip' })).toBe(text);
  });

  it.each([
    ['gzip', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['zstd', zstdStored(Buffer.from(TEXT))],
  ])('refuses %s that is cut off, goes on after its end, or is none', async (encoding, bytes) => {
    const headers = { 'content-encoding': encoding };
    const damaged = [bytes.subarray(0, -3), Buffer.concat([bytes, Buffer.from('more')]), Buffer.from('{"plain":true}')];
    const codes = await Promise.all(damaged.map((body) => codeOf(read(body, headers))));
    expect(codes).toEqual(['invalid_request', 'invalid_request', 'invalid_request']);
  });

  it('waits for a body that moves, and gives up on one that does not', async () => {
    const payload = new PassThrough();
    const reading = codeOf(readBody(JSON_TYPE, payload, LIMITS));
    for (const piece of ['{"a"', ':', '1']) {
      payload.write(piece);
      await new Promise(setImmediate);
      jest.advanceTimersByTime(LIMITS.idleMs - 1);
    }
    expect(payload.listenerCount('data')).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await reading).toBe('request_timeout');
    expect([payload.destroyed, payload.listenerCount('data')]).toEqual([false, 0]);
  });

  it('gives a compressed body one deadline for all of it', async () => {
    const payload = new PassThrough();
    const reading = codeOf(readBody({ ...JSON_TYPE, 'content-encoding': 'gzip' }, payload, LIMITS));
    for (const byte of gzipSync(TEXT).subarray(0, 5)) {
      payload.write(Buffer.of(byte));
      await new Promise(setImmediate);
      jest.advanceTimersByTime(LIMITS.inflateMs / 5);
    }
    expect(await reading).toBe('request_decompression_timeout');
    expect([payload.destroyed, jest.getTimerCount()]).toEqual([false, 0]);
  });

  it.each([{}, { 'content-encoding': 'gzip' }])('says that the client left, with %j', async (headers) => {
    const payload = new PassThrough();
    const reading = codeOf(readBody({ ...JSON_TYPE, ...headers }, payload, LIMITS));
    payload.write(gzipSync(TEXT).subarray(0, 10));
    payload.destroy();
    expect(await reading).toBe('client_disconnected');
    expect(await codeOf(readBody(JSON_TYPE, payload, LIMITS))).toBe('client_disconnected');
  });

  it.each([{}, { 'content-encoding': 'br' }])(
    'stops when its signal says so, with its reason, with %j',
    async (headers) => {
      const payload = new PassThrough();
      const stop = new AbortController();
      const reading = codeOf(readBody({ ...JSON_TYPE, ...headers }, payload, LIMITS, stop.signal));
      stop.abort(new GatewayError('draining', 'bye'));
      expect(await reading).toBe('draining');
      expect(await codeOf(readBody({ ...JSON_TYPE, ...headers }, payload, LIMITS, stop.signal))).toBe('draining');
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('survives an error of the payload after it has given up', async () => {
    const payload = new PassThrough();
    const reading = codeOf(readBody(JSON_TYPE, payload, { ...LIMITS, plainBytes: 3 }));
    payload.write('too long');
    expect(await reading).toBe('decompressed_request_too_large');
    payload.destroy(new Error('reset'));
    await new Promise(setImmediate);
    expect(payload.destroyed).toBe(true);
  });
});

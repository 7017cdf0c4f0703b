import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { GatewayError } from '../../core/index.js';
import { pullBody } from './pull-body.js';

export interface FormLimits {
  /** The part that is the file. */
  readonly file: string;
  readonly fileBytes: number;
  /** Of everything beside the file, together. */
  readonly restBytes: number;
  readonly parts: number;
  /** Longest time without a byte. */
  readonly idleMs: number;
}

export interface FormFile {
  /** As the client named it; absent when it did not. */
  readonly contentType?: string;
  readonly bytes: Buffer;
}

export interface Form {
  readonly file?: FormFile;
  /** In order; a name may come more than once. Other files are not among them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A part as it comes in. */
interface Part {
  readonly name: string;
  readonly isFile: boolean;
  readonly contentType: string | undefined;
  readonly chunks: Buffer[];
}

/**
 * A `multipart/form-data` body, read as it comes in and kept in memory: nothing touches a disk. The limits are checked at
 * every byte, and what is too large is not read any further; a declared length that is too large is refused before the
 * first.
 *
 * @param payload not destroyed, also when this throws: the socket is still needed for the answer
 * @throws GatewayError `request_too_large`; `invalid_request` for what is no form, or no whole one
 */
export async function readForm(headers: IncomingHttpHeaders, payload: Readable, limits: FormLimits): Promise<Form> {
  const boundary = boundaryOf(headers['content-type']);
  if (boundary === undefined) throw invalid(limits, 'Send the body as multipart/form-data.');
  if (isEncoded(headers)) throw new GatewayError('unsupported_media_type', 'Only JSON bodies may be compressed.');
  if (Number(headers['content-length'] ?? 0) > limits.fileBytes + limits.restBytes) throw tooLarge(limits);
  const stop = new AbortController();
  const parts = new FormParts(limits, (error) => stop.abort(error));
  const dicer = new Dicer({ boundary, maxHeaderPairs: 32 });
  dicer.on('part', (part) => parts.take(part));
  const finished = new Promise<void>((resolve, reject) => {
    dicer.once('finish', resolve);
    dicer.on('error', () => reject(invalid(limits, 'The multipart body is not complete.')));
  });
  finished.catch(() => undefined); // waited for only when all of the body is here
  await pullBody(payload, (chunk) => written(dicer, chunk), { idleMs: limits.idleMs, signal: stop.signal });
  if (dicer.writable) dicer.end();
  await finished;
  stop.signal.throwIfAborted();
  return parts.form();
}

/** What comes after the last boundary is for nobody, and the parser takes no more. */
function written(dicer: Dicer, chunk: Buffer): Promise<void> | undefined {
  if (!dicer.writable) return undefined;
  return new Promise((resolve, reject) => {
    dicer.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

class FormParts {
  private readonly parts: Part[] = [];
  private fileBytes = 0;
  private restBytes = 0;

  constructor(
    private readonly limits: FormLimits,
    private readonly stop: (error: GatewayError) => void,
  ) {}

  take(stream: Dicer.PartStream): void {
    let part: Part | undefined;
    stream.on('error', () => undefined); // the parser says the same
    stream.on('header', (header: Readonly<Record<string, readonly string[]>>) => {
      part = partOf(header, this.limits.file);
      if (!part) return;
      if (this.parts.length >= this.limits.parts) return this.stop(tooLarge(this.limits));
      if (part.name === this.limits.file && this.file) return this.stop(invalid(this.limits, 'Send one file.'));
      this.parts.push(part);
    });
    stream.on('data', (chunk: Buffer) => this.keep(part, chunk));
  }

  form(): Form {
    const { file } = this;
    const bytes = file && Buffer.concat(file.chunks);
    const fields = this.parts.filter(({ isFile }) => !isFile);
    return {
      ...(bytes && { file: { bytes, ...(file.contentType === undefined ? {} : { contentType: file.contentType }) } }),
      fields: fields.map(({ name, chunks }) => [name, Buffer.concat(chunks).toString('utf8')]),
    };
  }

  private get file(): Part | undefined {
    return this.parts.find(({ name }) => name === this.limits.file);
  }

  private keep(part: Part | undefined, chunk: Buffer): void {
    if (part?.name === this.limits.file) this.fileBytes += chunk.length;
    else this.restBytes += chunk.length;
    if (this.fileBytes > this.limits.fileBytes || this.restBytes > this.limits.restBytes) {
      this.stop(tooLarge(this.limits));
    } else if (part && (!part.isFile || part.name === this.limits.file)) part.chunks.push(chunk);
  }
}

const NAME = /;\s*name\s*=\s*(?:"([^"\r\n]*)"|([^;\s"]+))/i;
const FILE_NAME = /;\s*filename\*?\s*=/i;

/** `undefined` for a part that is none of a form. */
function partOf(header: Readonly<Record<string, readonly string[]>>, file: string): Part | undefined {
  const disposition = header['content-disposition']?.[0] ?? '';
  const [, quoted, plain] = (/^\s*form-data\s*;/i.test(disposition) && NAME.exec(disposition)) || [];
  const name = quoted ?? plain;
  if (name === undefined) return undefined;
  return {
    name,
    isFile: name === file || FILE_NAME.test(disposition),
    contentType: header['content-type']?.[0],
    chunks: [],
  };
}

/** RFC 2046 allows 70 characters. */
const BOUNDARY = /^\s*multipart\/form-data\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i;

function boundaryOf(contentType = ''): string | undefined {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  return quoted ?? plain;
}

const isEncoded = (headers: IncomingHttpHeaders): boolean =>
  !['', 'identity'].includes((headers['content-encoding'] ?? '').trim().toLowerCase());

const invalid = ({ file }: FormLimits, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param: file });

const tooLarge = ({ file }: FormLimits): GatewayError =>
  new GatewayError('request_too_large', 'The uploaded file is too large.', { param: file });

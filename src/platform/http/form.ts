import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { GatewayError } from '../../core/index.js';
import { pullBody } from './pull-body.js';

export interface FormLimits {
  /** The part that is the file: it comes once. */
  readonly file: string;
  /** Parts that may be files as well, each any number of times; the one above may be among them. */
  readonly alsoFiles?: readonly string[];
  /** Of the files, together. */
  readonly fileBytes: number;
  /** Of everything beside the files, together. */
  readonly restBytes: number;
  readonly parts: number;
  /** Longest time without a byte. */
  readonly idleMs: number;
}

export interface FormFile {
  /** Of the part. */
  readonly name: string;
  /** As the client named it, with whatever path it put there: private, never logged. Absent when it did not. */
  readonly fileName?: string;
  /** As the client named it; absent when it did not. */
  readonly contentType?: string;
  readonly bytes: Buffer;
}

export interface Form {
  /** The first of `files` that has the name of the file. */
  readonly file?: FormFile;
  /** In order. */
  readonly files: readonly FormFile[];
  /** In order; a name may come more than once. Other files are not among them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A part as it comes in. */
interface Part {
  readonly name: string;
  readonly isFile: boolean;
  readonly fileName: string | undefined;
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
      if (this.isSecond(part)) return this.stop(invalid(this.limits, 'Send one file.'));
      this.parts.push(part);
    });
    stream.on('data', (chunk: Buffer) => this.keep(part, chunk));
  }

  form(): Form {
    const files = this.parts.filter((part) => this.isKept(part)).map(fileOf);
    const file = files.find(({ name }) => name === this.limits.file);
    const fields = this.parts.filter(({ isFile }) => !isFile);
    return {
      ...(file && { file }),
      files,
      fields: fields.map(({ name, chunks }) => [name, Buffer.concat(chunks).toString('utf8')]),
    };
  }

  private isSecond({ name }: Part): boolean {
    const { file, alsoFiles = [] } = this.limits;
    return name === file && !alsoFiles.includes(file) && this.parts.some((part) => part.name === file);
  }

  private isKept({ name, isFile }: Part): boolean {
    return isFile && (name === this.limits.file || this.limits.alsoFiles?.includes(name) === true);
  }

  private keep(part: Part | undefined, chunk: Buffer): void {
    const isFile = part !== undefined && this.isKept(part);
    if (isFile) this.fileBytes += chunk.length;
    else this.restBytes += chunk.length;
    if (this.fileBytes > this.limits.fileBytes || this.restBytes > this.limits.restBytes) {
      this.stop(tooLarge(this.limits));
    } else if (part && (isFile || !part.isFile)) part.chunks.push(chunk);
  }
}

const fileOf = ({ name, fileName, contentType, chunks }: Part): FormFile => ({
  name,
  ...(fileName === undefined ? {} : { fileName }),
  ...(contentType === undefined ? {} : { contentType }),
  bytes: Buffer.concat(chunks),
});

const NAME = /;\s*name\s*=\s*(?:"([^"\r\n]*)"|([^;\s"]+))/i;
const FILE_NAME = /;\s*filename\s*=\s*(?:"((?:\\"|[^"\r\n])*)"|([^;\s"]*))/i;
/** RFC 5987: a character set, a language, and percent-encoded bytes. It wins over the plain one. */
const EXTENDED_FILE_NAME = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s"]*)/i;
const ANY_FILE_NAME = /;\s*filename\*?\s*=/i;

/** `undefined` for a part that is none of a form. */
function partOf(header: Readonly<Record<string, readonly string[]>>, file: string): Part | undefined {
  const disposition = header['content-disposition']?.[0] ?? '';
  const [, quoted, plain] = (/^\s*form-data\s*;/i.test(disposition) && NAME.exec(disposition)) || [];
  const name = quoted ?? plain;
  if (name === undefined) return undefined;
  return {
    name,
    isFile: name === file || ANY_FILE_NAME.test(disposition),
    fileName: fileNameIn(disposition),
    contentType: header['content-type']?.[0],
    chunks: [],
  };
}

/** The parser gives each byte of a header as one character; clients write UTF-8, with `%22` or `\"` for a quote. */
function fileNameIn(disposition: string): string | undefined {
  const [, extended] = EXTENDED_FILE_NAME.exec(disposition) ?? [];
  if (extended !== undefined) return percentDecoded(extended);
  const [, quoted, plain] = FILE_NAME.exec(disposition) ?? [];
  const written = quoted?.replaceAll('\\"', '"').replaceAll('%22', '"') ?? plain;
  return written === undefined ? undefined : Buffer.from(written, 'latin1').toString('utf8');
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
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

import { GatewayError } from '../core/index.js';
import type { Form, FormLimits } from '../platform/http/index.js';
import { FILE_PURPOSES, type FilePurpose } from '../upstream/index.js';
import { MAX_FILE_BYTES } from './announcement.js';

/** A file as a client sent it. */
export interface SentFile {
  /** Without folders; private: never logged. */
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export const FILE_FORM_LIMITS: Omit<FormLimits, 'idleMs'> = {
  file: 'file',
  fileBytes: MAX_FILE_BYTES,
  restBytes: 64 * 1024,
  parts: 20,
};

const MAX_PARAM_LENGTH = 100;
const MAX_NAME_LENGTH = 255;
/** What becomes of a file that its client gave no name. */
const NAMELESS = 'file';
const ANY_TYPE = 'application/octet-stream';
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,80}(\s*;[\x20-\x7e]{0,120})?$/;
const PURPOSES: ReadonlySet<string> = new Set(FILE_PURPOSES);

/**
 * The file of a `POST /v1/files`. It is kept whole until it has arrived: its size has to be announced before its first
 * byte goes on, and in a form the end of the file is known only when it is there (another part may follow, the length of
 * the body may be unknown). So it is also there for another account when one fails.
 *
 * @throws GatewayError with the part that is wrong
 */
export function sentFile({ file, fields }: Form): SentFile {
  const unknown = fields.find(([name]) => name !== 'purpose');
  if (unknown)
    throw new GatewayError('unsupported_parameter', 'Send file and purpose only.', {
      param: unknown[0].slice(0, MAX_PARAM_LENGTH),
    });
  if (!file) throw invalid('file', 'file is required');
  if (file.bytes.length === 0) throw invalid('file', 'file must not be empty');
  const purposes = fields.map(([, value]) => value);
  const [purpose, more] = purposes;
  if (purpose === undefined) throw invalid('purpose', 'purpose is required');
  if (more !== undefined || !isPurpose(purpose)) {
    throw invalid('purpose', `purpose must be one of ${FILE_PURPOSES.join(', ')}`);
  }
  const contentType = file.contentType?.trim() ?? '';
  return {
    name: baseName(file.fileName ?? ''),
    purpose,
    contentType: MEDIA_TYPE.test(contentType) ? contentType : ANY_TYPE,
    bytes: file.bytes,
  };
}

const isPurpose = (value: string): value is FilePurpose => PURPOSES.has(value);

/** @throws GatewayError */
function baseName(given: string): string {
  const name = (given.split(/[/\\]/).at(-1) ?? '').replace(/\p{Cc}/gu, '').trim();
  if (name.length > MAX_NAME_LENGTH) {
    throw invalid('file', `the name of the file must have at most ${String(MAX_NAME_LENGTH)} characters`);
  }
  return /^\.{0,2}$/.test(name) ? NAMELESS : name;
}

const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

import { z } from 'zod';
import { GatewayError } from '../core/index.js';

/** Largest file that may be announced, in bytes. */
export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** What a client says of a file before it uploads it; fields of others pass as they are. */
const announced = z.looseObject({
  file_name: z.string().regex(/\S/),
  file_size: z.int().min(1).max(MAX_FILE_BYTES),
  use_case: z.string().regex(/\S/).nullish(),
});

export interface Announcement {
  readonly sizeBytes: number;
  /** What goes upstream: the client's own bytes unless they do not say what the file is for. */
  readonly body: Buffer;
}

/**
 * @param body  the request's JSON object, parsed from `bytes`
 * @throws GatewayError `invalid_request` with the field that is wrong; its value is private
 */
export function announcement(body: Record<string, unknown>, bytes: Buffer): Announcement {
  const parsed = announced.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error);
  const { file_size: sizeBytes, use_case: useCase } = parsed.data;
  const complete = typeof useCase === 'string';
  return { sizeBytes, body: complete ? bytes : Buffer.from(JSON.stringify({ ...body, use_case: 'codex' })) };
}

const SHAPE: Record<string, string> = {
  file_name: 'file_name is required: a text that is not blank',
  file_size: `file_size is required: a whole number of bytes from 1 to ${String(MAX_FILE_BYTES)}`,
  use_case: 'use_case must be a text that is not blank',
};

function invalid(error: z.ZodError): GatewayError {
  const param = String(error.issues[0]?.path[0] ?? '');
  return new GatewayError('invalid_request', SHAPE[param] ?? 'Invalid request', { param });
}

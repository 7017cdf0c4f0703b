import { asFieldsList, asText, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';

const IMAGE_URL = /^(?:https:\/\/\S|data:image\/(?:gif|jpeg|jpg|png|webp);base64,[\w+/])/i;
const FILE_DATA = /^data:(?:application\/pdf|text\/plain)[;,]/i;

/**
 * What the backend cannot read of pictures and files in messages; what tools gave back is theirs to judge.
 *
 * @param input the items of a Responses request
 * @throws GatewayError `unsupported_input_image_format`, `unsupported_input_file_format`
 */
export function requireMedia(input: readonly unknown[]): void {
  for (const item of asFieldsList(input)) {
    for (const part of asFieldsList(item['content'])) requireReadable(part);
  }
}

/** @param part of a message's content @param param where it stands @throws as `requireMedia` does */
export function requireReadable(part: Fields, param = 'input'): void {
  if (part['type'] === 'input_image') requireImage(part, param);
  if (part['type'] === 'input_file') requireFile(part, param);
}

function requireImage({ image_url: url, file_id: id }: Fields, param: string): void {
  if (typeof url === 'string' ? IMAGE_URL.test(url) : isNamed(id)) return;
  throw invalid(
    param,
    'An image must be an https URL, a base64 data URL of a GIF, JPEG, PNG or WebP picture, or an uploaded file',
    'unsupported_input_image_format',
  );
}

function requireFile({ file_data: data }: Fields, param: string): void {
  if (data === undefined || (typeof data === 'string' && FILE_DATA.test(data))) return;
  throw invalid(
    param,
    'file_data must be a data URL of a PDF document or of plain text',
    'unsupported_input_file_format',
  );
}

const isNamed = (id: unknown): boolean => (asText(id)?.trim() ?? '') !== '';

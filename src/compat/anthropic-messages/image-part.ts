import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import type { Block } from './content-blocks.js';

const PICTURE = /^image\/(?:gif|jpe?g|png|webp)$/i;
const HTTP = /^https?:\/\/\S/i;

/**
 * A picture as the backend takes it.
 *
 * @throws GatewayError `invalid_request`, `unsupported_input_image_format`
 */
export function imagePart({ fields, path }: Block): Fields {
  return { type: 'input_image', image_url: urlOf(asFields(fields['source']) ?? {}, `${path}.source`) };
}

function urlOf(source: Fields, path: string): string {
  if (source['type'] === 'url') {
    const url = asText(source['url']);
    if (url !== undefined && HTTP.test(url)) return url;
    throw invalid(`${path}.url`, `${path}.url: must be an http or https URL`);
  }
  if (source['type'] !== 'base64') throw invalid(`${path}.type`, `${path}.type: must be base64 or url`);
  const media = source['media_type'] ?? 'image/png';
  if (typeof media !== 'string' || !PICTURE.test(media)) {
    const message = `${path}.media_type: must be image/gif, image/jpeg, image/png or image/webp`;
    throw invalid(`${path}.media_type`, message, 'unsupported_input_image_format');
  }
  const data = asText(source['data']);
  if (data === undefined) throw invalid(`${path}.data`, `${path}.data: must be base64 text`);
  return `data:${media.toLowerCase()};base64,${data}`;
}

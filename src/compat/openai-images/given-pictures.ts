import { asFields, GatewayError, type Fields } from '../../core/index.js';
import type { Form, FormFile, FormLimits } from '../../platform/http/index.js';

/** The pictures that a client brings to have them edited, as URLs that a model can read. */
export interface GivenPictures {
  readonly images: readonly string[];
  readonly mask?: string;
}

/** Pictures, and everything else that the request says. */
export interface Edit {
  readonly given: GivenPictures;
  readonly body: Fields;
}

/** @param fileBytes of all pictures together */
export const editLimits = (fileBytes: number): Omit<FormLimits, 'idleMs'> => ({
  file: 'image',
  alsoFiles: ['image', 'image[]', 'mask'],
  fileBytes,
  restBytes: 1024 * 1024,
  parts: 100,
});

const MAX_IMAGES = 16;
const MEDIA: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);
/** How each of them begins, in hexadecimal: clients that do not know a file's type call it anything. */
const MAGIC: readonly (readonly [type: string, start: RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^474946383[79]61/],
  ['image/webp', /^52494646.{8}57454250/],
];
const DATA_URL = /^data:image\/(png|jpeg|webp|gif);base64,/i;
const HTTPS_URL = /^https:\/\/[^\s]+$/i;
const URL_START = 64;

/** An edit that came as a form. @throws GatewayError with the part that is wrong */
export function editInForm({ files, fields }: Form): Edit {
  const images = files.filter(({ name }) => name !== 'mask').map(dataUrl);
  const [mask, more] = files.filter(({ name }) => name === 'mask').map(dataUrl);
  if (more !== undefined) throw invalid('mask', 'Send one mask.');
  return { given: checked({ images, ...(mask === undefined ? {} : { mask }) }), body: Object.fromEntries(fields) };
}

/** An edit that came as JSON: `image` or `images`, each a URL or an object with an `image_url`. @throws GatewayError */
export function editInJson({ image, images, mask, ...body }: Fields): Edit {
  const all = [image, images].flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const urls = all.filter((value) => value !== undefined && value !== null).map((value) => urlIn(value, 'image'));
  const given = { images: urls, ...(mask === undefined || mask === null ? {} : { mask: urlIn(mask, 'mask') }) };
  return { given: checked(given), body };
}

function checked(given: GivenPictures): GivenPictures {
  if (given.images.length === 0) throw invalid('image', 'image is required');
  if (given.images.length > MAX_IMAGES)
    throw invalid('image', `at most ${String(MAX_IMAGES)} images can be edited at once`);
  return given;
}

function dataUrl({ name, contentType = '', bytes }: FormFile): string {
  const param = name.replace('[]', '');
  if (bytes.length === 0) throw invalid(param, `${param} must not be empty`);
  const said = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const start = bytes.toString('hex', 0, 12);
  const type = MEDIA.has(said) ? said : MAGIC.find(([, magic]) => magic.test(start))?.[0];
  if (type === undefined) throw unreadable(param);
  return `data:${type};base64,${bytes.toString('base64')}`;
}

function urlIn(value: unknown, param: string): string {
  const url = asFields(value)?.['image_url'] ?? value;
  const isReadable =
    typeof url === 'string' && (DATA_URL.test(url.slice(0, URL_START)) || (url.length < 8_192 && HTTPS_URL.test(url)));
  if (!isReadable) throw unreadable(param);
  return url;
}

const unreadable = (param: string): GatewayError =>
  new GatewayError('unsupported_input_image_format', `${param} must be a PNG, JPEG, WebP or GIF picture`, { param });
const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

import { GatewayError, type Fields } from '../../core/index.js';
import { effortOf } from '../translation/checks/reasoning.js';

/** What a client asks of pictures, checked. */
export interface PictureWish {
  readonly prompt: string;
  /** How many: 1–10. */
  readonly count: number;
  /** As the client named it, without a provider before it; absent when it named none. */
  readonly model?: string;
  /** What the upstream's image tool is told. */
  readonly tool: Fields;
  readonly effort?: string;
}

type Check = (value: unknown, name: string) => unknown;

const MAX_COUNT = 10;
const MAX_PARAM_LENGTH = 100;
const SIZE = /^(auto|[1-9]\d{1,4}x[1-9]\d{1,4})$/;
const WHOLE = /^\d{1,3}$/;
const PREFIX = /^openai\//i;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value, name) => {
    if (typeof value === 'string' && allowed.includes(value)) return value;
    throw invalid(name, `${name} must be one of ${allowed.join(', ')}`);
  };

/** Forms have no numbers: `"2"` is one as well. */
const wholeNumber =
  (least: number, most: number): Check =>
  (value, name) => {
    const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
    throw invalid(name, `${name} must be a whole number from ${String(least)} to ${String(most)}`);
  };

const sizeOf: Check = (value, name) => {
  if (typeof value === 'string' && SIZE.test(value)) return value;
  throw invalid(name, `${name} must be auto or <width>x<height>`);
};

/** Of the image tool. Source: seed-features I1, runtime contract §11.3. */
const TOOL: Readonly<Record<string, Check>> = {
  size: sizeOf,
  quality: oneOf('auto', 'low', 'medium', 'high'),
  background: oneOf('auto', 'transparent', 'opaque'),
  moderation: oneOf('auto', 'low'),
  output_format: oneOf('png', 'jpeg', 'webp'),
  output_compression: wholeNumber(0, 100),
  input_fidelity: oneOf('low', 'high'),
};
/** What cannot be honoured. Saying no to it is no wish. */
const REFUSED: Readonly<Record<string, (value: unknown) => boolean>> = {
  stream: isOff,
  partial_images: isOff,
  style: () => false,
  response_format: (value) => value === 'b64_json',
};
const OTHERS: ReadonlySet<string> = new Set(['model', 'prompt', 'n', 'user', 'reasoning_effort']);

function isOff(value: unknown): boolean {
  return value === false || value === 0 || value === 'false' || value === '0';
}

/**
 * @param body without what it says of given pictures
 * @throws GatewayError with the field that is wrong
 */
export function pictureWish(body: Fields): PictureWish {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of given) requireKnown(name, value);
  const tool = given.flatMap(([name, value]) => {
    const check = Object.hasOwn(TOOL, name) ? TOOL[name] : undefined;
    return check ? [[name, check(value, name)] as const] : [];
  });
  const { prompt, model, n, reasoning_effort: effort } = Object.fromEntries(given);
  if (typeof prompt !== 'string' || prompt.trim() === '') throw invalid('prompt', 'prompt must not be blank');
  return {
    prompt,
    count: n === undefined ? 1 : Number(wholeNumber(1, MAX_COUNT)(n, 'n')),
    tool: Object.fromEntries(tool),
    ...modelIn(model),
    ...effortIn(effort),
  };
}

function requireKnown(name: string, value: unknown): void {
  if (Object.hasOwn(TOOL, name) || OTHERS.has(name)) return;
  const fits = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (fits?.(value) === true) return;
  throw new GatewayError('unsupported_parameter', 'This parameter is not supported here.', {
    param: name.slice(0, MAX_PARAM_LENGTH),
  });
}

function modelIn(given: unknown): Pick<PictureWish, 'model'> {
  if (given === undefined || given === '') return {};
  const model = typeof given === 'string' ? given.trim().replace(PREFIX, '') : '';
  if (model !== '') return { model };
  throw invalid('model', 'model must be a string that is not blank');
}

/** Forms send what was not filled in as an empty text. */
function effortIn(given: unknown): Pick<PictureWish, 'effort'> {
  const effort = given === '' ? undefined : effortOf(given, 'reasoning_effort');
  return effort === undefined ? {} : { effort };
}

const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

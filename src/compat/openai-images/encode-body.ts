import { asFields, type Fields } from '../../core/index.js';
import type { MadePictures, Picture } from './made-pictures.js';
import { isImageModel } from './picture-request.js';
import type { PictureWish } from './picture-wish.js';

/** What OpenAI's clients have words for; of everything else nothing is said. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  output_format: ['png', 'jpeg', 'webp'],
  size: ['1024x1024', '1024x1536', '1536x1024'],
  quality: ['low', 'medium', 'high'],
  background: ['transparent', 'opaque'],
};
const COUNTS = ['input_tokens', 'output_tokens', 'total_tokens'] as const;
const INPUT_COUNTS = ['image_tokens', 'text_tokens'] as const;

/**
 * The answer to a request for pictures, always with their bytes. Clients that name a model of Codex look for a URL, so
 * they get one that holds the picture.
 *
 * @param calls one for each picture
 * @param now   Unix time in seconds
 */
export function picturesBody(wish: PictureWish, calls: readonly MadePictures[], now: number): object {
  const pictures = calls.flatMap((call) => call.pictures).slice(0, wish.count);
  const facts = { output_format: 'png', ...wish.tool, ...known(pictures[0]?.facts ?? {}) };
  const usage = sumOf(calls.map((call) => call.usage));
  return {
    created: now,
    data: pictures.map((picture) => pictureBody(wish, picture)),
    ...known(facts),
    ...(usage === undefined ? {} : { usage }),
  };
}

function pictureBody({ model, prompt, tool }: PictureWish, { base64, revisedPrompt, facts }: Picture): Fields {
  const isCodex = model !== undefined && !isImageModel(model);
  const revised = revisedPrompt ?? (isCodex ? prompt : undefined);
  const { output_format: format = 'png' } = known({ ...tool, ...known(facts) });
  return {
    b64_json: base64,
    ...(isCodex ? { url: `data:image/${String(format)};base64,${base64}` } : {}),
    ...(revised === undefined ? {} : { revised_prompt: revised }),
  };
}

const known = (facts: Fields): Fields =>
  Object.fromEntries(
    Object.entries(KNOWN)
      .map(([name, values]) => [name, values.find((value) => value === facts[name])] as const)
      .filter(([, value]) => value !== undefined),
  );

/** `undefined` unless all of them are known: half a sum is none. */
function sumOf(usages: readonly (Fields | undefined)[]): Fields | undefined {
  const totals = summed(usages, COUNTS);
  if (totals === undefined) return undefined;
  const details = summed(
    usages.map((usage) => asFields(usage?.['input_tokens_details'])),
    INPUT_COUNTS,
  );
  return { ...totals, ...(details === undefined ? {} : { input_tokens_details: details }) };
}

function summed(usages: readonly (Fields | undefined)[], names: readonly string[]): Fields | undefined {
  const sums = names.map((name) => {
    const counts = usages.map((usage) => usage?.[name]).filter((count) => typeof count === 'number');
    return counts.length === usages.length ? [name, counts.reduce((sum, count) => sum + count, 0)] : undefined;
  });
  const whole = sums.filter((sum) => sum !== undefined);
  return whole.length === names.length ? (Object.fromEntries(whole) as Fields) : undefined;
}

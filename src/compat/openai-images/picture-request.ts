import type { OfferedModel } from '../../upstream/index.js';
import { GatewayError, type Fields, type PoolPolicy } from '../../core/index.js';
import type { Translated } from '../translation/translated.js';
import type { GivenPictures } from './given-pictures.js';
import type { PictureWish } from './picture-wish.js';

const IMAGE_MODEL = /^gpt-image-[\w.-]{1,60}$/i;
const OTHER_IMAGE_MODEL = /^(dall-e|imagen|stable-diffusion|flux)\b/i;
const INSTRUCTIONS = [
  'Call the image_generation tool exactly once, with what the user says as its prompt.',
  'Do not ask back, and do not answer in words.',
].join(' ');
const MASKED = 'The last image is a mask: change only what it leaves transparent.';

export const isImageModel = (model: string): boolean => IMAGE_MODEL.test(model);

/**
 * The model that is asked to use the image tool: the one that the client named, if it is such a one, else the Pool's
 * default, else the first one in the catalog that can see pictures.
 *
 * @param listed the models of the Pool that are shown
 * @throws GatewayError `invalid_model` for one that can do neither, `no_eligible_backend` when there is none at all
 */
export function hostModel(
  named: string | undefined,
  { defaultModel, allowUnlistedModels }: Pick<PoolPolicy, 'defaultModel' | 'allowUnlistedModels'>,
  entries: readonly OfferedModel[],
  listed: readonly OfferedModel[],
): string {
  if (named !== undefined && !isImageModel(named)) {
    const isKnown = entries.some(({ slug }) => slug.toLowerCase() === named.toLowerCase());
    if (isKnown || (allowUnlistedModels && !OTHER_IMAGE_MODEL.test(named))) return named;
    throw new GatewayError('invalid_model', 'This model makes no images.', { param: 'model' });
  }
  const host = defaultModel ?? listed.filter(seesPictures).sort((a, b) => placeOf(a) - placeOf(b))[0]?.slug;
  if (host !== undefined) return host;
  throw new GatewayError('no_eligible_backend', 'No model of this Pool can make images right now.', { param: 'model' });
}

const placeOf = ({ entry }: OfferedModel): number =>
  typeof entry['priority'] === 'number' ? entry['priority'] : Number.MAX_SAFE_INTEGER;

const seesPictures = ({ entry }: OfferedModel): boolean => {
  const modalities = entry['input_modalities'];
  return !Array.isArray(modalities) || modalities.includes('image');
};

/**
 * One picture as a Responses request. Source: seed-features I1 and I5, runtime contract §11.3.
 *
 * @param host who is asked
 * @param key  of the prompt cache: pictures have nothing in common
 */
export function pictureRequest(
  wish: PictureWish,
  given: GivenPictures | undefined,
  host: string,
  key: string,
): Translated {
  const { prompt, tool, model, effort } = wish;
  const action = given === undefined ? 'generate' : 'edit';
  const own = model !== undefined && isImageModel(model) ? { model } : {};
  return {
    stream: false,
    // No conversation to return to: whoever has most room makes the next one.
    session: '',
    wanted: {
      model: host,
      instructions: INSTRUCTIONS,
      input: [{ type: 'message', role: 'user', content: contentOf(prompt, given) }],
      fields: {
        tools: [{ type: 'image_generation', action, output_format: 'png', ...own, ...tool }],
        prompt_cache_key: key,
        ...(effort === undefined ? {} : { reasoning: { effort } }),
      },
    },
  };
}

function contentOf(prompt: string, given: GivenPictures | undefined): readonly Fields[] {
  const { images = [], mask } = given ?? {};
  const text = mask === undefined ? prompt : `${prompt}\n\n${MASKED}`;
  const urls = mask === undefined ? images : [...images, mask];
  return [{ type: 'input_text', text }, ...urls.map((image_url) => ({ type: 'input_image', image_url }))];
}

import type { CatalogEntry } from '../../core/index.js';
import { catalogOf } from '../transport/catalog.js';

/** Models that speak other protocols than Responses: by their beginning, or by a part of their name. */
const OTHER_FAMILIES =
  /^(?:text-|tts-|whisper-|dall-e-|gpt-image-|chatgpt-image-|gpt-audio|gpt-realtime|omni-moderation|sora-|babbage-|davinci-)/;
const OTHER_PURPOSES = /-(?:audio|realtime|transcribe|tts|instruct|search-preview|search-api)(?:-|$)/;

/**
 * The models of `GET /v1/models` that can be asked by Responses. The Platform says nothing of a model but its name, so an
 * entry stays what it is: enough to route by, and no description that could take the place of a better one.
 *
 * @returns undefined when the body is no model list
 */
export const responsesModels = (body: unknown): readonly CatalogEntry[] | undefined =>
  catalogOf(body)?.filter(({ slug }) => !OTHER_FAMILIES.test(slug) && !OTHER_PURPOSES.test(slug));

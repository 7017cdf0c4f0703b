import { asFields, asText, GatewayError, type Fields, type PoolPolicy } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { answerEvents } from '../translation/answer-events.js';
import { effortOf } from '../translation/checks/reasoning.js';
import { invalid } from '../translation/checks/invalid.js';
import { requireMedia } from '../translation/checks/media.js';
import { modelName } from '../translation/model-name.js';
import type { Translated } from '../translation/translated.js';

const INSTRUCTIONS = 'You look at images. Answer what is asked about them, precisely and only from what they show.';
const DATA_URL = /^data:image\//i;

/**
 * A question about pictures, as one user message.
 *
 * @throws GatewayError with the field that is wrong
 */
export function decodeInspect(body: Fields, pool: Pick<PoolPolicy, 'defaultModel'>): Translated {
  const { prompt, images } = body;
  if (typeof prompt !== 'string' || prompt.trim() === '') throw invalid('prompt', 'prompt must be a text');
  if (!Array.isArray(images) || images.length === 0) throw invalid('images', 'images must be a list of images');
  const effort = effortOf(body['reasoning_effort'], 'reasoning_effort');
  const content = [{ type: 'input_text', text: prompt }, ...images.map(imagePart)];
  const input = [{ type: 'message', role: 'user', content }];
  requireMedia(input);
  return {
    wanted: {
      model: modelName(body['model'], pool),
      input,
      instructions: INSTRUCTIONS,
      fields: { tools: [], ...(effort === undefined ? {} : { reasoning: { effort } }) },
    },
    stream: false,
  };
}

function imagePart(given: unknown, at: number): Fields {
  const param = `images[${at}].image_url`;
  const image = asFields(given);
  const url = asText(image?.['image_url']);
  if (url === undefined || !DATA_URL.test(url)) throw invalid(param, `${param} must be the data URL of an image`);
  const detail = asText(image?.['detail']);
  return { type: 'input_image', image_url: url, ...(detail === undefined ? {} : { detail }) };
}

/** @throws GatewayError when the model says nothing, or fails */
export async function inspection(parts: AsyncIterable<AnswerPart>): Promise<{ readonly content: string }> {
  let content = '';
  for await (const event of answerEvents(parts)) if (event.kind === 'text') content += event.delta;
  if (content.trim() !== '') return { content };
  throw new GatewayError('upstream_response_failed', 'The model answered without a text.');
}

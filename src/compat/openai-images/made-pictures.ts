import { asFields, asFieldsList, asText, GatewayError, type Fields } from '../../core/index.js';
import type { AnswerEvent } from '../translation/answer-event.js';

/** What one call made. */
export interface MadePictures {
  readonly pictures: readonly Picture[];
  /** What the image tool counted, as the upstream tells it. */
  readonly usage?: Fields;
}

export interface Picture {
  readonly base64: string;
  readonly revisedPrompt?: string;
  /** `size`, `quality` and their like, as far as the upstream says what they became. */
  readonly facts: Fields;
}

const DATA_URL = /^data:[^,]{0,100},/;
const URL_START = 128;
const SAFE = /^[\w.-]{1,80}$/;

/**
 * The pictures in an answer, each once. Source: runtime contract §11.3.
 *
 * @throws GatewayError `image_generation_failed` when there is none; as the client's own fault when the tool says so
 */
export async function madePictures(events: AsyncIterable<AnswerEvent>): Promise<MadePictures> {
  const pictures = new Map<string, Picture>();
  let failure: Fields | undefined;
  let usage: Fields | undefined;
  for await (const event of events) {
    if (event.kind === 'ended') usage = asFields(asFields(event.response['tool_usage'])?.['image_gen']);
    for (const item of itemsIn(event)) {
      const picture = pictureIn(item);
      if (picture) pictures.set(picture.base64, pictures.get(picture.base64) ?? picture);
      else failure ??= asFields(item['error']);
    }
  }
  if (pictures.size === 0) throw failureOf(failure);
  return { pictures: [...pictures.values()], ...(usage === undefined ? {} : { usage }) };
}

/** Finished items, and at the end the whole output once more: it may hold what no event brought. */
function itemsIn(event: AnswerEvent): readonly Fields[] {
  const items =
    event.kind === 'item' ? [event.item] : event.kind === 'ended' ? asFieldsList(event.response['output']) : [];
  return items.filter(({ type }) => type === 'image_generation_call');
}

function pictureIn(item: Fields): Picture | undefined {
  const result = asText(item['result']);
  if (result === undefined) return undefined;
  const [start = ''] = DATA_URL.exec(result.slice(0, URL_START)) ?? [];
  const base64 = result.slice(start.length);
  if (base64 === '') return undefined;
  const revisedPrompt = asText(item['revised_prompt']);
  return { base64, facts: item, ...(revisedPrompt === undefined ? {} : { revisedPrompt }) };
}

function failureOf(error: Fields | undefined): GatewayError {
  const code = 'image_generation_failed';
  if (error?.['type'] !== 'invalid_request_error') return new GatewayError(code, 'The upstream made no picture.');
  const [message, said] = [asText(error['message']), asText(error['code'])];
  return new GatewayError('upstream_refused', 'The upstream refused to make this picture.', {
    upstreamCode: said !== undefined && SAFE.test(said) ? said : code,
    ...(message === undefined ? {} : { upstreamMessage: message }),
  });
}

import { GatewayError } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { AnswerShape } from './answer-shape.js';
import { PublicAnswer, textOf, type PublicEvent } from './public-answer.js';
import { publicEvents, type Finished } from './public-events.js';

/** Comments do no harm to a client, and show the proxies between us that somebody is there. */
export const KEEP_ALIVE = ': keepalive\n\n';

/**
 * An answer as an event stream of `/v1/responses`. It ends in exactly one last event, also when it breaks off; there is
 * no `[DONE]` (trap 18).
 *
 * @throws GatewayError when it breaks off before its first event: then there is still a status to say it with
 */
export async function* encodeStream(
  parts: AsyncIterable<AnswerPart>,
  shape: AnswerShape,
  finished: Finished,
): AsyncGenerator<string> {
  const answer = new PublicAnswer(shape);
  let begun = false;
  try {
    for await (const events of publicEvents(parts, answer, finished)) {
      begun = true;
      yield events.map(sseText).join('');
    }
  } catch (thrown) {
    if (!begun) throw thrown;
    yield sseText(answer.brokenOff(GatewayError.from(thrown)));
  }
}

/** A type that came from outside cannot break out of its line. */
function sseText(event: PublicEvent): string {
  const { type, asSent } = event;
  const relayed = asSent && ownBlock(asSent.raw.toString(), type);
  return relayed ?? `event: ${type.replace(/[\r\n]+/g, ' ')}\ndata: ${textOf(event)}\n\n`;
}

/** The upstream's block when it is written as ours are: most are, and the long way to the same text is not gone then. */
function ownBlock(block: string, type: string): string | undefined {
  const start = `event: ${type}\ndata: `;
  const isPlain = block.startsWith(start) && block.endsWith('\n\n') && !block.includes('\r');
  return isPlain && block.indexOf('\n', start.length) === block.length - 2 ? block : undefined;
}

import { asFields, GatewayError, jsonEvent } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';

/** The words in the upstream's answer. @throws GatewayError `invalid_upstream_response` when there are none */
export async function transcribedText(parts: AsyncIterable<AnswerPart>): Promise<string> {
  const bytes: Buffer[] = [];
  for await (const part of parts) if (part.kind === 'batch') bytes.push(part.raw);
  const answer = asFields(jsonEvent(Buffer.concat(bytes)).events[0]?.json());
  const text = answer?.['text'];
  if (typeof text === 'string') return text;
  throw new GatewayError('invalid_upstream_response', 'The upstream gave no transcription.');
}

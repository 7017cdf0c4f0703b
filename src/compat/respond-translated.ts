import type { FastifyReply } from 'fastify';
import type { Readable } from 'node:stream';
import { GatewayError, primed, type Dialect } from '../core/index.js';
import type { AnswerPart } from '../exchange/index.js';
import { EVENT_STREAM_HEADERS, eventStream, withKeepAlive } from '../platform/http/index.js';

export interface StreamEncoding {
  readonly dialect: Dialect;
  /** What it throws becomes the dialect's last frame: the status is on the wire by then. */
  readonly encode: (parts: AsyncIterable<AnswerPart>) => AsyncIterable<string>;
  /** For silent times, between two frames. */
  readonly keepAlive: { readonly frame: string; readonly silenceMs: number };
}

/**
 * A translated answer as an event stream. Awaiting it pulls the head, so that a failure before that has its own status.
 * Nothing of the upstream's head goes on: its headers are for another protocol.
 */
export async function respondStream(
  reply: FastifyReply,
  parts: AsyncIterable<AnswerPart>,
  { dialect, encode, keepAlive }: StreamEncoding,
): Promise<Readable> {
  const source = await primed(parts);
  const frames = withKeepAlive(encode(source), keepAlive.frame, keepAlive.silenceMs);
  const body = await eventStream(frames, (error) => dialect.renderStreamError(GatewayError.from(error)));
  void reply.status(200).headers(EVENT_STREAM_HEADERS);
  return body;
}

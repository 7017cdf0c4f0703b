import type { FastifyReply } from 'fastify';
import type { Readable } from 'node:stream';
import { GatewayError, primed, type Dialect } from '../core/index.js';
import type { AnswerHead, AnswerPart } from '../exchange/index.js';
import { EVENT_STREAM_HEADERS, eventStream, withKeepAlive } from '../platform/http/index.js';

/** How a dialect turns what a call yields into what its clients read. */
export interface Encoding {
  readonly dialect: Dialect;
  readonly encode: (parts: AsyncIterable<AnswerPart>, head: AnswerHead) => AsyncIterable<Buffer | string>;
  /** Of our own, beside those of the upstream; they are waited for when the head is there. */
  readonly headers?: Promise<Readonly<Record<string, string>>>;
  /** A data frame for silent times; absent for answers that are not event streams. */
  readonly keepAlive?: { readonly frame: string; readonly silenceMs: number };
}

/**
 * The head as HTTP, the rest as a body. Awaiting it pulls the head, so a failure before that is an ordinary exception
 * with its own status; a later one becomes the dialect's last frame, because the status is already on the wire.
 */
export async function respond(
  reply: FastifyReply,
  parts: AsyncIterable<AnswerPart>,
  { dialect, encode, headers, keepAlive }: Encoding,
): Promise<Readable> {
  const source = await primed(parts);
  const first = await source.next();
  if (first.done === true || first.value.kind !== 'head') throw new GatewayError('internal', 'Internal server error');
  const head = first.value;
  const own = { ...(keepAlive ? EVENT_STREAM_HEADERS : {}), ...(await headers) };
  const frames = encode(source, head);
  const body = await eventStream(
    keepAlive ? withKeepAlive(frames, keepAlive.frame, keepAlive.silenceMs) : frames,
    (error) => dialect.renderStreamError(GatewayError.from(error)),
  );
  // Only now: an answer that turns out to be none is rendered as the failure that it is, with none of these.
  void reply.status(head.status).headers({ ...head.headers, ...own });
  return body;
}

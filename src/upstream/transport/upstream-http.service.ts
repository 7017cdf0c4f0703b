import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Readable } from 'node:stream';
import { Agent } from 'undici';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { decodedBody } from './decoded-body.js';
import type { UpstreamRequest } from './upstream-request.js';
import type { ReceivedHeaders } from './received-headers.js';
import { failureToAnswer } from './transport-error.js';

/** An answer's head, its body not yet read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReceivedHeaders;
  /** Decoded. Destroying it closes the connection at once when the answer is not over. */
  readonly body: Readable;
}

/** Our side of the connections to the provider: one pool per origin, no redirects, no cookies, no compression asked for. */
@Injectable()
export class UpstreamHttp implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'UPSTREAM_CONNECT_MS' | 'UPSTREAM_IDLE_MS'>) {
    this.agent = new Agent({
      connect: { timeout: config.UPSTREAM_CONNECT_MS },
      headersTimeout: config.UPSTREAM_IDLE_MS,
      bodyTimeout: config.UPSTREAM_IDLE_MS,
    });
  }

  /**
   * @param signal closes the connection whenever it aborts, also while the body is read
   * @throws GatewayError when there is no answer, or one in an encoding that nobody asked for and we do not know
   */
  async send(request: UpstreamRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { origin, path, method, headers, patience = 1 } = request;
    const sent = sentOnce(headers, request.body);
    try {
      const answer = await this.agent.request({
        origin,
        path,
        method,
        ...sent,
        headersTimeout: this.config.UPSTREAM_IDLE_MS * patience,
        signal,
        highWaterMark: 256 * 1024,
      });
      return { status: answer.statusCode, headers: answer.headers, body: decodedBody(answer.body, answer.headers) };
    } catch (thrown) {
      // Not a byte of the head is written before the body is read.
      throw failureToAnswer(thrown, signal, sent.body?.readableDidRead === false);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

/**
 * What undici is given as bytes it holds until the answer is over, and so does a generator. A stream lets go of what was
 * read from it.
 */
function sentOnce(headers: UpstreamRequest['headers'], body: UpstreamRequest['body']): Sent {
  if (body === undefined) return { headers: { ...headers } };
  const stream = new Readable({ read: () => undefined });
  if (body.length > 0) stream.push(body);
  stream.push(null);
  return { headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body: stream };
}

interface Sent {
  readonly headers: Record<string, string>;
  readonly body?: Readable;
}

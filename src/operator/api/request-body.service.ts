import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { bodyLimits, isJsonMedia, parseJsonObject, readBody, type BodyLimits } from '../../platform/http/index.js';

/** An operator's request is small; the largest are logins and price lists. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Bodies of operators' requests: read after it is known who asks, and JSON objects or nothing. */
@Injectable()
export class RequestBody {
  private readonly limits: BodyLimits;

  constructor(@Inject(CONFIG) config: Config) {
    const all = bodyLimits(config);
    this.limits = { ...all, plainBytes: Math.min(all.plainBytes, MAX_BODY_BYTES), tooLarge: 'request_too_large' };
  }

  /** @throws GatewayError for what is too large, no JSON, or no object */
  async read({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): Promise<Record<string, unknown>> {
    const bytes = body instanceof Readable ? await readBody(headers, body, this.limits) : undefined;
    if (bytes !== undefined && bytes.length > 0 && !isJsonMedia(headers['content-type'])) {
      throw new GatewayError('unsupported_media_type', 'Send the body as JSON, with content-type: application/json.');
    }
    return parseJsonObject(bytes);
  }
}

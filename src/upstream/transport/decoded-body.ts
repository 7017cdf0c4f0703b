import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { GatewayError } from '../../core/index.js';
import { header, type ReceivedHeaders } from './received-headers.js';

// Flushing at every chunk: an event must not wait in the decoder for the next one.
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
};

/**
 * The body as it was before any encoding. We ask for none, so this is a courtesy to proxies that encode all the same.
 * Destroying the result destroys the body.
 *
 * @throws GatewayError `invalid_upstream_response` for an encoding that we cannot undo
 */
export function decodedBody(body: Readable, headers: ReceivedHeaders): Readable {
  // A body that is given up unread ends with an error that nobody waits for.
  body.on('error', () => undefined);
  const encoding = header(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return body;
  const decoder = DECODERS[encoding];
  if (decoder === undefined) {
    body.destroy();
    throw new GatewayError('invalid_upstream_response', 'The upstream answered in an unknown encoding.');
  }
  return pipeline(body, decoder(), () => undefined);
}

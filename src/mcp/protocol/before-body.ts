import type { RenderedError } from '../../core/index.js';
import { isJsonMedia, type IngressStep } from '../../platform/http/index.js';
import { rendered, RPC } from './json-rpc.js';

export const ALLOWED = 'POST, OPTIONS';

interface Door {
  /** Whether no more may come in. */
  readonly isFull: boolean;
}

/**
 * What is refused at the endpoint before a byte of the body is read, in the order of runtime contract §13.2. It stands
 * behind the check of addresses. Who asks is not looked at yet: a wrong credential changes none of these answers.
 */
export const mcpStep =
  (door: Door): IngressStep =>
  ({ method, path, headers }) => {
    if (path !== '/mcp') return undefined;
    if (door.isFull) return busy();
    if (method === 'OPTIONS') return undefined;
    if (method !== 'POST') return notAllowed();
    const encoding = headers['content-encoding'];
    if (encoding !== undefined) return refused(415, 'Send the body as it is, without a content-encoding.');
    if (!isJsonMedia(headers['content-type'])) return refused(415, 'Send the body as application/json.');
    return undefined;
  };

export const busy = (): RenderedError =>
  rendered({ status: 503, code: RPC.server, message: 'The gateway is busy, try again.' });

const refused = (status: number, message: string): RenderedError =>
  rendered({ status, code: RPC.invalidRequest, message });

const notAllowed = (): RenderedError =>
  rendered({
    status: 405,
    code: RPC.invalidRequest,
    message: 'This endpoint answers to POST.',
    headers: { allow: ALLOWED },
  });

import { GatewayError } from '../../core/index.js';

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i;

/**
 * The path of a request target, every segment decoded exactly once. All checks look at this, never at the raw target.
 *
 * @throws GatewayError `invalid_request` when a segment is not valid percent-encoding, or holds a separator or NUL once
 *   decoded: such a path means one thing here and another to whoever decodes it next
 */
export function decodedPath(target: string): string {
  const path = target.replace(ABSOLUTE_FORM, '').split(/[?#]/, 1)[0] ?? '';
  return path.split('/').map(decodedSegment).join('/') || '/';
}

function decodedSegment(raw: string): string {
  const segment = raw.includes('%') ? percentDecoded(raw) : raw;
  if (segment === undefined || /[/\\\0]/.test(segment)) {
    throw new GatewayError('invalid_request', 'The path of the request is not valid.');
  }
  return segment;
}

function percentDecoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

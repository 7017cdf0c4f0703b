import { GatewayError } from '../../core/index.js';

/** By status: Nest has by then wrapped the framework's errors and dropped their codes. */
const BY_STATUS: Readonly<Record<number, () => GatewayError>> = {
  404: () => new GatewayError('not_found', 'There is nothing at this path.'),
  405: () => new GatewayError('method_not_allowed', 'This path does not answer to this method.'),
  408: () => new GatewayError('request_timeout', 'The request took too long to arrive.'),
  413: () => new GatewayError('decompressed_request_too_large', 'The request body is too large.'),
  // Every well-formed media type is accepted by the body parser, so this one is about the header itself.
  415: () => new GatewayError('invalid_request', 'The content-type header is not valid.'),
  431: () => new GatewayError('request_header_too_large', 'The request headers are too large.'),
};

/** Nest's and Fastify's own errors in our words; theirs quote the request. What is neither is `internal`. */
export function gatewayErrorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const status = statusOf(thrown);
  if (status === undefined || status < 400 || status > 499) return GatewayError.from(thrown);
  return BY_STATUS[status]?.() ?? new GatewayError('invalid_request', 'The request is not valid.');
}

function statusOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { getStatus, statusCode, name } = thrown as Error & { getStatus?: () => unknown; statusCode?: unknown };
  const status =
    typeof getStatus === 'function' ? getStatus.call(thrown) : name === 'FastifyError' ? statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

import { GatewayError, type ErrorCode } from '../../../core/index.js';

/** Names in `param` are the client's own and may be of any length. */
const MAX_PARAM_LENGTH = 300;

/** What is wrong with a request, and where. @param message starts with the name of the field */
export function invalid(param: string, message: string, code: ErrorCode = 'invalid_request'): GatewayError {
  return new GatewayError(code, message, { param: param.slice(0, MAX_PARAM_LENGTH) });
}

/** A field that is not known here, or that cannot be honoured. */
export const unsupported = (param: string): GatewayError =>
  invalid(param, `Unsupported parameter: ${param.slice(0, MAX_PARAM_LENGTH)}`, 'unsupported_parameter');

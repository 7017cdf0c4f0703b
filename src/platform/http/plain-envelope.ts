import type { GatewayError } from '../../core/index.js';

/** For answers that are older than any dialect: nobody knows yet what the client speaks, or whether it does. */
export const plainEnvelope = (error: GatewayError) => ({
  error: { message: error.message, type: 'invalid_request_error', code: error.code, param: error.detail.param ?? null },
});

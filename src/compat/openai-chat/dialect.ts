import { GatewayError, type Dialect, type RenderedError } from '../../core/index.js';
import { codexDialect } from '../codex-backend/dialect.js';
import { openaiDialect, openaiError } from '../openai-errors.js';
import { DONE } from './encode-stream.js';

/** What a Responses request has inside another field stands at the top here. */
function inOwnSpelling(error: GatewayError): GatewayError {
  if (error.code !== 'reasoning_effort_not_allowed') return error;
  return new GatewayError(error.code, error.message, { ...error.detail, param: 'reasoning_effort' });
}

/** How clients of chat completions learn of a failure. */
export const chatDialect: Dialect = {
  name: 'openai-chat',

  renderError(error: GatewayError, nowMs: number): RenderedError {
    return openaiDialect.renderError(inOwnSpelling(error), nowMs);
  },

  /** No chunk with a finish reason comes before it; `[DONE]` frees clients that wait for it. */
  renderStreamError(error: GatewayError): string {
    const told = { ...openaiError(error), ...CUT[error.code] };
    return `data: ${JSON.stringify({ error: told })}\n\n${DONE}`;
  },
};

/** The same below the native path, where the gates are the native ones and say so. Source: runtime contract §7.7. */
export const nativeChatDialect: Dialect = {
  ...chatDialect,

  renderError(error: GatewayError, nowMs: number): RenderedError {
    return (error.status === 401 ? codexDialect : chatDialect).renderError(error, nowMs);
  },
};

/** Source: runtime contract §10.4.3. */
const ENDED_EARLY = { message: 'upstream request failed: event stream ended early' };
const CUT: Partial<Record<string, object>> = { stream_interrupted: ENDED_EARLY };

import { sseFrame, type Dialect } from '../../core/index.js';
import { openaiDialect } from '../openai-errors.js';
import { failedEvent } from './failed-response.js';

/** Errors as OpenAI's, and in a stream as the one event that its clients take for an end. */
export const responsesDialect: Dialect = {
  name: 'openai-responses',

  renderError: (error, nowMs) => openaiDialect.renderError(error, nowMs),

  /** Of a stream in which nothing was told yet. */
  renderStreamError(error) {
    const failed = failedEvent(error, {});
    return sseFrame(failed.type, { ...failed, sequence_number: 0 });
  },
};

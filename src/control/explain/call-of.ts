import { CallBody, type CallId, type Operation, type RoutedCall } from '../../core/index.js';
import type { ExplainQuestion } from './explanation.js';

export const DEFAULT_OPERATION: Operation = 'responses';

/** The call that a question is about, as far as the choice of an account looks at it. It has no body. */
export const callOf = (question: ExplainQuestion, id: string, nowMs: number): RoutedCall => ({
  id: id as CallId,
  requestId: id,
  receivedAtMs: nowMs,
  dialect: '',
  route: '',
  operation: question.operation ?? DEFAULT_OPERATION,
  transport: question.transport ?? 'http',
  model: question.model,
  stream: true,
  headers: {},
  body: new CallBody(Buffer.alloc(0)),
  ...(question.session === undefined ? {} : { session: question.session }),
  ...(question.cacheKey === undefined ? {} : { cacheKey: question.cacheKey }),
});

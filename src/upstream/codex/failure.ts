import type { GatewayError, ResponseEvent } from '../../core/index.js';
import { failureInEvent } from '../transport/failed-event.js';
import { failureIn, type FailedAnswer, type FailureManners } from '../transport/failure.js';
import { limitFailure } from './limits.js';
import { visibleFailureHeaders } from './response-headers.js';

const MANNERS: FailureManners = { limit: limitFailure, visible: visibleFailureHeaders };

/** What an error answer of the Codex backend means. @param nowMs Unix time in milliseconds */
export const failureOf = (answer: FailedAnswer, nowMs: number): GatewayError => failureIn(answer, nowMs, MANNERS);

/** What a failed terminal event means when it comes first, as `UpstreamKind.failureOf` tells it. */
export const failureOfEvent = (event: ResponseEvent, nowMs: number): GatewayError | undefined =>
  failureInEvent(event, nowMs, MANNERS);

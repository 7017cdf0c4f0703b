export { answer, compaction, customToolCall, image, reasoning, say, toolCall, type AnswerOptions } from './answer.js';
export {
  compaction as compactionPart,
  freeformCall,
  functionCall,
  message,
  picture,
  reasoning as reasoningPart,
  type AnswerPart,
} from './answer-parts.js';
export { CATALOGUE, type CatalogueEntry } from './catalogue.js';
export { directives } from './directives.js';
export {
  burst429,
  connectionLimit,
  createdThenFailed,
  errorEvent,
  failAfterHeaders,
  failBeforeHeaders,
  failedAfter,
  failedFirstEvent,
  incomplete,
  noWebsockets,
  overloaded503,
  quota429,
  unauthorized,
  unauthorizedOnce,
} from './failures.js';
export { hang, hold, type Hang, type HeldStream } from './held-reply.js';
export { SDP_ANSWER } from './operations.js';
export { frames, html200, json, junkLine, raw, truncatedJson } from './plain-replies.js';
export type { RecordedRequest, Route } from './recorded-request.js';
export type { Window } from './quota-report.js';
export type { AccountOptions, ScriptedAccount } from './scripted-account.js';
export type { ScriptedSocket } from './scripted-socket.js';
export { ScriptedUpstream, type UpstreamOptions } from './scripted-upstream.js';
export { cutAfter, events, fixed, paced, slowDrip, StreamReply, withHeaders, type Ending } from './stream-reply.js';
export { DEFAULT_USAGE, frame, usage, type Usage, type WireEvent } from './wire-event.js';
export type { UpgradeScript } from './upgrades.js';
export type { Headers, Reply, Script, Wire } from './wire.js';

export { bodyLimits, type BodyLimits } from './body.js';
export { EVENT_STREAM_HEADERS, eventStream } from './event-stream.js';
export { GatewayErrorFilter } from './gateway-error.filter.js';
export { createHttpAdapter } from './http.adapter.js';
export { HttpModule } from './http.module.js';
export { registerIngress, type IngressRequest, type IngressStep } from './ingress.js';
export { parseJsonObject, requireJson } from './json.js';
export { withKeepAlive } from './keep-alive.js';
export { LiveStreams } from './live-streams.service.js';

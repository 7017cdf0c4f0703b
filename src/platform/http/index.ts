export { bodyLimits, readBody, type BodyLimits } from './body.js';
export {
  ADDRESS_SOURCES,
  clientAddressOf,
  MAX_FORWARDED_DEPTH,
  type AddressSource,
  type Forwarding,
} from './client-address.js';
export { type ClientSocket } from './client-socket.js';
export { EVENT_STREAM_HEADERS, eventStream } from './event-stream.js';
export { readForm, type Form, type FormFile, type FormLimits } from './form.js';
export { GatewayErrorFilter } from './gateway-error.filter.js';
export { createHttpAdapter, type RouteBody } from './http.adapter.js';
export { HttpModule } from './http.module.js';
export { drainStep, PROBES } from './draining.js';
export { registerIngress, type IngressRequest, type IngressStep } from './ingress.js';
export { isJsonMedia, parseJsonObject, requireJson } from './json.js';
export { withKeepAlive } from './keep-alive.js';
export { LiveStreams } from './live-streams.service.js';
export { UpgradeAdapter } from './upgrade.adapter.js';
export { type DoorOptions, type Upgraded, type WebsocketDoor } from './websocket-door.js';

export { CompatModule } from './compat.module.js';
export { dialectFor } from './dialects.js';
export { RelayModule } from './relay/relay.module.js';
export { relayPathStep } from './relay/relay-path.js';
export { servedNativeRoutes, servedV1Routes } from './routes.js';

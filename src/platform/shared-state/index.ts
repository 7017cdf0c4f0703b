export { MemorySharedState } from './memory-shared-state.js';
export { SharedStateModule } from './shared-state.module.js';
export { SharedStateUnavailable } from './shared-state-unavailable.js';
export { SharedState } from './shared-state.js';

export { MemorySharedState } from './memory-shared-state.js';
export { SharedStateModule } from './shared-state.module.js';
export { SharedStateUnavailable } from './shared-state-unavailable.js';
export { SharedState, type HeldLease, type Place } from './shared-state.js';

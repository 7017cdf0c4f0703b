export { CounterTable } from './counter-table.js';
export type {
  Amounts,
  Budget,
  ColdCounter,
  Counter,
  CounterContents,
  Counters,
  DaySum,
  HeldIn,
  Hold,
  HoldAnswer,
  Settled,
} from './counters.js';
export { MemorySharedState } from './memory-shared-state.js';
export { SharedStateModule } from './shared-state.module.js';
export { SharedStateUnavailable } from './shared-state-unavailable.js';
export { SharedState, type HeldLease, type Place } from './shared-state.js';

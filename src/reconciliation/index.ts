export { AccountDrifts, type AccountDrift } from './account-drift.service.js';
export { ReconciliationModule } from './reconciliation.module.js';
export { ReconciliationWorkerModule } from './reconciliation-worker.module.js';

export { AccountingModule } from './accounting.module.js';
export { AccountingWorkerModule } from './accounting-worker.module.js';
export type { AttemptStart, CallIntent, Intent } from './call-intent.js';
export {
  decisionRecord,
  type CandidateRecord,
  type DecisionRecord,
  type ExclusionRecord,
  type GroundsRecord,
} from './decision-record.js';
export { KeyTotalsService, type KeyTotals } from './key-totals.service.js';
export { LedgerService } from './ledger.service.js';
export type { LoggedRequest } from './logged-request.js';
export { RequestLogModule } from './request-log.module.js';
export { RequestLogService } from './request-log.service.js';
export type { AttemptResult, CallOutcome, Settlement } from './settlement.js';

export { AccountingModule } from './accounting.module.js';
export { AccountingWorkerModule } from './accounting-worker.module.js';
export type { AttemptStart, CallIntent, Intent } from './call-intent.js';
export { decisionRecord, type DecisionRecord } from './decision-record.js';
export { LedgerService } from './ledger.service.js';
export { LimitStatusService, type LimitStatus } from './limits/limit-status.service.js';
export type { LoggedRequest } from './logged-request.js';
export { CostReplayService, type ReplayPart, type ReplayPosition } from './prices/cost-replay.service.js';
export { tierName } from './prices/find-rates.js';
export { PriceDownload, withinSize } from './prices/price-download.adapter.js';
export { PriceImportService } from './prices/price-import.service.js';
export { sourceOf } from './prices/price-job.service.js';
export { PRICE_BANDS, RATE_NAMES, type PriceBand, type PriceList, type Rates } from './prices/price-list.js';
export { PricesInvalid } from './prices/price-file.js';
export { PriceRepository } from './prices/price.repository.js';
export { PriceService } from './prices/price.service.js';
export { PricesModule } from './prices/prices.module.js';
export { picoPerToken, usdPerMillion } from './prices/usd.js';
export { OpenCalls, type OpenCallCount, type OpenCall } from './open-calls.service.js';
export { ProcessList } from './process-list.service.js';
export { RecentOutcomesService, type RecentOutcomes } from './recent-outcomes.service.js';
export { RecentSessions, type RecentSession, type SessionPosition } from './recent-sessions.service.js';
export { RequestLogModule } from './request-log.module.js';
export { RequestLogService } from './request-log.service.js';
export { AccountUsage, type AccountSpan } from './rollups/account-usage.service.js';
export { DAY_MS, HOUR_MS, midnightOf } from './rollups/days.js';
export { RollupVerification } from './rollups/rollup-verification.service.js';
export { UsageReports } from './rollups/usage-reports.service.js';
export {
  costCoverage,
  USAGE_DIMENSIONS,
  type UsageDimension,
  type UsageQuestion,
  type UsageRow,
} from './rollups/usage-row.js';
export type { AttemptResult, CallOutcome, Settlement } from './settlement.js';
export { estimate } from './limits/estimate.js';
export { LimitsWorkerModule } from './limits/limits.module.js';
export { LimitsService, type Reservation } from './limits/limits.service.js';

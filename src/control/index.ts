export { type Actor } from './actor.js';
export { CONTROL_ERRORS, ControlError, invalidField, type ControlErrorCode } from './control-error.js';
export { ControlModule } from './control.module.js';
export { ControlService } from './control.service.js';
export { ControlWorkerModule } from './control-worker.module.js';
export { DRY_RUN, type Done, type Wishes } from './done.js';
export type { Operation, OperationCall } from './operation.js';
export { OperationRegistry } from './operation-registry.service.js';
export { pageOf } from './page.js';
export { accountView, importedView, type AccountView, type ImportedView } from './views/account-view.js';
export { driftView, type DriftView, type DriftWindow } from './views/drift-view.js';
export { loginView, type LoginView } from './views/login-view.js';
export { quotaView, type QuotaView } from './views/quota-view.js';
export { keyDetailView, keyView, keyWithSecretView, type KeyDetailView, type KeyView } from './views/key-view.js';
export { limitsView, type LimitsView, type LimitView, type UsedView } from './views/limit-view.js';
export { poolView, type PoolView } from './views/pool-view.js';
export { isMatched, VOLATILE } from './version.js';
export { auditEventView, verifiedView, type AuditEventView } from './views/audit-view.js';
export { deletedView } from './views/deleted-view.js';
export { incidentDetailView, incidentView, type IncidentDetailView, type IncidentView } from './views/incident-view.js';
export { incidentRuleView } from './views/incident-rule-view.js';
export { ingressView, type IngressView } from './views/ingress-view.js';
export { tokenView, tokenWithSecretView, type TokenView } from './views/token-view.js';
export { webhookView, webhookWithSecretView } from './views/webhook-view.js';
export { requestDetailView, requestView, type RequestDetailView, type RequestView } from './views/request-view.js';
export { usageReportView, usageRowView, type UsageRowView } from './views/usage-view.js';
export type { DecisionView } from './views/decision-view.js';
export {
  CALL_OPERATIONS,
  CALL_TRANSPORTS,
  explanationView,
  pastExplanationView,
  type ExplanationView,
  type PastExplanationView,
} from './views/explanation-view.js';
export { healthView, type HealthView } from './views/health-view.js';
export { jobRunView, jobView, queuesView, type JobRunView, type JobView } from './views/job-view.js';
export {
  ownPriceView,
  priceImportView,
  pricesView,
  replayView,
  type PriceView,
  type ReplayView,
} from './views/price-view.js';
export { REQUEST_STATUSES } from './views/request-view.js';
export { sessionListView } from './views/session-view.js';
export { settingView } from './views/setting-view.js';
export { streamCountsView, streamListView } from './views/stream-view.js';

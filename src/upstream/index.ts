export { AccountCallers } from './account-callers.service.js';
export { AccountLabelRefused } from './account-label-refused.js';
export { AccountOwners } from './account-owners.service.js';
export { AccountPoolService, type AccountAnswer, type AccountSocket } from './account-pool.service.js';
export type { AccountSnapshot } from './account-snapshot.js';
export { AccountService, type ImportedAccount } from './account.service.js';
export { AccountStates, type AccountState } from './account-states.service.js';
export type { AccountSummary } from './account-summary.js';
export { AuthJsonRejected } from './auth-json-rejected.js';
export { AccountAssignments } from './lifecycle/account-assignments.service.js';
export {
  AccountLifecycle,
  type AccountAction,
  type LinkOptions,
  type LoginProof,
} from './lifecycle/account-lifecycle.service.js';
export { AccountRefused } from './lifecycle/account-refused.js';
export { CatalogService } from './catalog.service.js';
export { CredentialService } from './credential.service.js';
export { capacityOf, type Capacity, type CapacityWindow, type MeterCapacity } from './pool-capacity.js';
export { isFileId } from './file-id.js';
export { ListedFiles, type FilePage, type ListedFile } from './listed-files.service.js';
export { FILE_PURPOSES, type FilePurpose } from './uploaded-file.entity.js';
export { LoginFailed, loginProblem } from './login/login-failed.js';
export { LoginFlows } from './login/login-flows.service.js';
export type { LoginFlowView, LoginTarget } from './login/login-flow-row.js';
export { LoginModule } from './login/login.module.js';
export type { OfferedModel } from './merged-catalog.js';
export type { PoolCatalog } from './pool-catalog.js';
export { AccountWindows, type AccountQuota } from './quota/account-windows.service.js';
export { meterCounts } from './quota/meter-counts.js';
export type { AccountMeter } from './quota/account-meter.js';
export type { ObservedWindow } from './quota/observed-window.js';
export { quotaVerdict, STALE_EVIDENCE_MS, type QuotaVerdict } from './quota/quota-verdict.js';
export { UploadedFiles, type OwnFile } from './uploaded-files.service.js';
export { UpstreamModule } from './upstream.module.js';
export { UpstreamWorkerModule } from './upstream-worker.module.js';

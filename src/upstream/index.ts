export { AccountPoolService, type AccountAnswer, type AccountSocket } from './account-pool.service.js';
export type { AccountSnapshot } from './account-snapshot.js';
export { AccountService } from './account.service.js';
export { CatalogService } from './catalog.service.js';
export { CredentialService } from './credential.service.js';
export { UpstreamModule } from './upstream.module.js';
export { UpstreamWorkerModule } from './upstream-worker.module.js';

export { AuthModule } from './auth.module.js';
export { Caller } from './caller.adapter.js';
export { ingressSteps } from './ingress-steps.js';
export { KeyAdminService } from './key-admin.service.js';
export { PoolKey } from './pool-key.entity.js';
export { PoolKeyService } from './pool-key.service.js';
export { Pool } from './pool.entity.js';
export { PoolService, type PoolSettings } from './pool.service.js';
export { type Route } from './routes.js';

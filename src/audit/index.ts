export { auditDetails } from './audit-details.js';
export {
  ACTOR_KINDS,
  AUDIT_OUTCOMES,
  type AuditActor,
  type AuditOutcome,
  type AuditRecord,
  type AuditTarget,
} from './audit-event.js';
export type { AuditFilter } from './audit-query.js';
export { AuditModule } from './audit.module.js';
export { AuditService } from './audit.service.js';
export { AuditWorkerModule } from './audit-worker.module.js';

import type { AuditActor } from '../audit/index.js';

/** The gateway itself, as it starts. */
export const START: AuditActor = { kind: 'system', id: 'start', label: 'start' };

import type { PoolId } from '../core/index.js';
import type { AuditDetails } from './audit-details.js';

/** The holder of a token, somebody with the database at hand, or the gateway itself. */
export const ACTOR_KINDS = ['token', 'local', 'system'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** `begun`: it was about to be done. What came of it is another event, unless the process died. */
export const AUDIT_OUTCOMES = ['begun', 'success', 'failure', 'denied'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export interface AuditActor {
  readonly kind: ActorKind;
  readonly id: string;
  readonly label: string;
}

/** What an action is about. */
export interface AuditTarget {
  readonly type: string;
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly poolId?: PoolId | string | undefined;
}

/** An action that is about to be done. */
export interface AuditAction {
  readonly actor: AuditActor;
  /** `<thing>.<verb>` */
  readonly action: string;
  readonly target?: AuditTarget;
  readonly requestId?: string;
  /** From where the operator asked. */
  readonly address?: string;
  readonly details?: AuditDetails;
}

export interface AuditEvent extends AuditAction {
  readonly outcome: AuditOutcome;
  /** The event that said that it was about to be. */
  readonly begunId?: string;
}

/** An event as it is kept, and its place in the chain. */
export interface AuditRecord {
  readonly id: string;
  readonly seq: number;
  /** ISO 8601 */
  readonly occurredAt: string;
  readonly actor: AuditActor;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string | null; readonly label: string | null } | null;
  readonly poolId: string | null;
  readonly outcome: AuditOutcome;
  readonly begunId: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly details: object;
  /** In hex; so is the one before. */
  readonly hash: string;
  readonly prevHash: string;
}

import type { PoolId } from '../core/index.js';
import type { ActorKind, AuditOutcome } from './audit-event.js';

/** Which events are meant; what is absent does not matter. */
export interface AuditFilter {
  /** Events of these Pools only, and of nothing else. */
  readonly poolIds?: readonly (PoolId | string)[] | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly actorKind?: ActorKind | undefined;
  /** Id or label. */
  readonly actor?: string | undefined;
  /** `key.create`, or all of a thing: `key`. */
  readonly action?: string | undefined;
  readonly targetType?: string | undefined;
  /** Id or label. */
  readonly target?: string | undefined;
  readonly requestId?: string | undefined;
  /** Unix time in milliseconds; up to and without `toMs`. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Also the beginnings of what has ended. */
  readonly all?: boolean | undefined;
}

export interface AuditPage {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

interface Condition {
  readonly sql: string;
  readonly value: unknown;
}

/** @returns SQL with parameters from `$1` on; `true` for any event */
export function conditionOf(filter: AuditFilter): { sql: string; parameters: unknown[] } {
  const { fromMs, toMs } = filter;
  const all: readonly (Condition | undefined)[] = [
    given(filter.poolIds, 'pool_id = ANY (?::uuid[])'),
    given(filter.outcome, 'outcome = ?'),
    given(filter.actorKind, 'actor_kind = ?'),
    given(filter.actor, '(actor_id = ? OR actor_label = ?)'),
    given(filter.action, `(action = ? OR starts_with(action, ? || '.'))`),
    given(filter.targetType, 'target_type = ?'),
    given(filter.target, '(target_id = ? OR target_label = ?)'),
    given(filter.requestId, 'request_id = ?'),
    given(fromMs === undefined ? undefined : new Date(fromMs), 'occurred_at >= ?'),
    given(toMs === undefined ? undefined : new Date(toMs), 'occurred_at < ?'),
  ];
  const conditions = all.filter((each) => each !== undefined);
  const sql = conditions.map((each, at) => each.sql.replaceAll('?', `$${at + 1}`));
  if (filter.all !== true && filter.outcome === undefined) sql.push(NOT_ENDED_LATER);
  return { sql: sql.join(' AND ') || 'true', parameters: conditions.map(({ value }) => value) };
}

const NOT_ENDED_LATER = `(outcome <> 'begun' OR NOT EXISTS (SELECT FROM audit_event AS ended WHERE ended.begun_id = event.id))`;

const given = (value: unknown, sql: string): Condition | undefined =>
  value === undefined ? undefined : { sql, value };

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Finding } from './finding.js';
import { dedupeKey } from './findings.js';
import {
  DELIVER_OPENED,
  DELIVER_RESOLVED,
  DISCARD_WAITING,
  FORGET_RESOLVED,
  RESOLVE_OTHERS,
  SAVE_FINDINGS,
  TAKE_TURNS,
} from './incident-sql.js';
import type { StoredRule } from './stored-rule.js';

export interface RuleFinding {
  readonly rule: StoredRule;
  readonly finding: Finding;
}

/** What one evaluation changed. */
export interface Evaluated {
  readonly found: number;
  readonly opened: number;
  readonly resolved: number;
}

interface IdRow {
  readonly id: string;
}

const KEPT_MS = 90 * 86_400_000;

/** The rows of incidents. */
@Injectable()
export class IncidentRepository {
  constructor(private readonly database: DataSource) {}

  /** Opens what is new, counts what is there, resolves what is not found any more, and says what is to be told. */
  save(found: readonly RuleFinding[], nowMs: number): Promise<Evaluated> {
    const rows = rowsOf(found);
    return this.database.transaction(async (manager) => {
      await manager.query(TAKE_TURNS);
      const opened = await manager.query<IdRow[]>(SAVE_FINDINGS, [JSON.stringify(rows), nowMs]);
      const keys = rows.map((row) => row.dedupeKey);
      const resolved = await manager.query<IdRow[]>(RESOLVE_OTHERS, [keys, nowMs]);
      await deliver(manager, rows, { opened, resolved }, nowMs);
      await manager.query(FORGET_RESOLVED, [nowMs - KEPT_MS]);
      return { found: rows.length, opened: opened.length, resolved: resolved.length };
    });
  }
}

async function deliver(
  manager: EntityManager,
  rows: readonly ReturnType<typeof rowOf>[],
  { opened, resolved }: { readonly opened: readonly IdRow[]; readonly resolved: readonly IdRow[] },
  nowMs: number,
): Promise<void> {
  if (opened.length > 0) {
    const cooldowns = new Map(rows.map((row) => [row.id, row.cooldownSeconds]));
    const told = opened.map(({ id }) => ({ id, cooldownSeconds: cooldowns.get(id) ?? 0 }));
    await manager.query(DELIVER_OPENED, [JSON.stringify(told), nowMs]);
  }
  if (resolved.length > 0) {
    const ids = resolved.map(({ id }) => id);
    await manager.query(DISCARD_WAITING, [ids, nowMs]);
    await manager.query(DELIVER_RESOLVED, [ids, nowMs]);
  }
}

/** One of each key. */
const rowsOf = (found: readonly RuleFinding[]) => [
  ...new Map(found.map(rowOf).map((row) => [row.dedupeKey, row] as const)).values(),
];

const rowOf = ({ rule, finding }: RuleFinding) => ({
  id: randomUUID() as string,
  dedupeKey: dedupeKey(rule.id, finding),
  ruleId: rule.id,
  ruleName: rule.name,
  ruleKind: rule.kind,
  severity: rule.severity,
  cooldownSeconds: rule.cooldownSeconds,
  targetKind: finding.target.kind,
  targetId: finding.target.id,
  targetLabel: finding.target.label,
  poolIds: finding.target.poolIds,
  reason: finding.reason,
  evidence: finding.evidence,
});

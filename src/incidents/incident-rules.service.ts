import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { SEVERITIES, type Severity } from './finding.js';
import { IncidentRule } from './incident-rule.entity.js';
import { isRuleKind, paramsOf, RuleRefused, type RuleParams } from './rule-params.js';
import type { StoredRule } from './stored-rule.js';

export interface NewRule {
  /** 1–64 lower-case letters, digits and inner dashes. */
  readonly name: string;
  readonly kind: string;
  readonly params?: object;
  readonly severity?: string;
  readonly cooldownSeconds?: number;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
const MOST_COOLDOWN_S = 7 * 86_400;
const DEFAULT_COOLDOWN_S = 900;

/** What is looked for, as operators set it. */
@Injectable()
export class IncidentRules {
  private readonly log = new Logger(IncidentRules.name);

  constructor(@InjectRepository(IncidentRule) private readonly rows: Repository<IncidentRule>) {}

  /** By name. */
  async list(): Promise<StoredRule[]> {
    const rows = await this.rows.find({ order: { name: 'ASC' } });
    return rows.flatMap((row) => this.storedRule(row) ?? []);
  }

  /** @throws RuleRefused for what makes no sense, and for a name that is taken */
  async add({ name, kind, params = {}, severity = 'warning', cooldownSeconds = DEFAULT_COOLDOWN_S }: NewRule) {
    if (!NAME.test(name)) throw new RuleRefused('A name is 1–64 lower-case letters, digits and inner dashes.');
    if (!isRuleKind(kind)) throw new RuleRefused(`There is no kind of rule "${kind}".`);
    if (!isSeverity(severity)) throw new RuleRefused(`A severity is one of ${SEVERITIES.join(', ')}.`);
    if (!Number.isInteger(cooldownSeconds) || cooldownSeconds < 0 || cooldownSeconds > MOST_COOLDOWN_S) {
      throw new RuleRefused('A cooldown is at most seven days.');
    }
    paramsOf(kind, params);
    const row = { id: randomUUID(), name, kind, params, severity, cooldownSeconds, enabled: true, builtIn: false };
    const inserted = await this.rows.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new RuleRefused(`There is a rule "${name}" already.`);
    return { ...row, params: paramsOf(kind, params) } satisfies StoredRule;
  }

  /** What it found is resolved with the next evaluation. @returns false when there is no such rule */
  async remove(name: string): Promise<boolean> {
    return Boolean((await this.rows.delete({ name })).affected);
  }

  /** A rule of a later version, or one that somebody wrote by hand, must not stop the others. */
  private storedRule(row: IncidentRule): StoredRule | undefined {
    let params: RuleParams;
    try {
      if (!isRuleKind(row.kind)) throw new RuleRefused('no such kind');
      params = paramsOf(row.kind, row.params);
    } catch {
      this.log.warn(`The incident rule ${row.name} is not understood and was left out`);
      return undefined;
    }
    const { id, name, kind, severity, cooldownSeconds, enabled, builtIn } = row;
    return { id, name, kind, params, severity, cooldownSeconds, enabled, builtIn };
  }
}

const isSeverity = (name: string): name is Severity => (SEVERITIES as readonly string[]).includes(name);

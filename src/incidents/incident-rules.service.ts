import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { SEVERITIES, type Severity } from './finding.js';
import { IncidentRule } from './incident-rule.entity.js';
import { isRuleKind, paramsOf, RuleConflict, RuleRefused, type RuleParams } from './rule-params.js';
import type { StoredRule } from './stored-rule.js';

export interface NewRule {
  /** 1–64 lower-case letters, digits and inner dashes. */
  readonly name: string;
  readonly kind: string;
  readonly params?: object;
  readonly severity?: string;
  readonly cooldownSeconds?: number;
  readonly enabled?: boolean;
}

/** What is absent stays as it is. Its name and kind stay: incidents speak of them. */
export type RuleChange = Partial<Omit<NewRule, 'name' | 'kind'>>;

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

  /** @param name its id, or its name */
  async named(name: string): Promise<StoredRule | undefined> {
    const found = (await this.list()).filter((rule) => rule.id === name || rule.name === name);
    return found.find(({ id }) => id === name) ?? found[0];
  }

  /** @throws RuleRefused for what makes no sense, RuleConflict for a name that is taken */
  async add(wanted: NewRule): Promise<StoredRule> {
    const { name, kind, params = {}, cooldownSeconds = DEFAULT_COOLDOWN_S, enabled = true } = wanted;
    const severity = wanted.severity ?? 'warning';
    if (!NAME.test(name)) throw new RuleRefused('A name is 1–64 lower-case letters, digits and inner dashes.');
    if (!isRuleKind(kind)) throw new RuleRefused(`There is no kind of rule "${kind}".`);
    checkSeverity(severity);
    checkCooldown(cooldownSeconds);
    paramsOf(kind, params);
    const row = { id: randomUUID(), name, kind, params, severity, cooldownSeconds, enabled, builtIn: false };
    const inserted = await this.rows.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new RuleConflict(`There is a rule "${name}" already.`);
    return { ...row, params: paramsOf(kind, params) };
  }

  /**
   * What it finds no more is resolved with the next evaluation.
   *
   * @throws RuleRefused for what makes no sense
   * @returns undefined when there is no such rule
   */
  async change(
    id: string,
    { params, severity, cooldownSeconds, enabled }: RuleChange,
  ): Promise<StoredRule | undefined> {
    const found = await this.named(id);
    if (found === undefined) return undefined;
    if (severity !== undefined) checkSeverity(severity);
    if (cooldownSeconds !== undefined) checkCooldown(cooldownSeconds);
    if (params !== undefined) paramsOf(found.kind, params);
    const said = Object.entries({ params, severity, cooldownSeconds, enabled }).filter(
      ([, value]) => value !== undefined,
    );
    if (said.length > 0) await this.rows.update({ id: found.id }, Object.fromEntries(said));
    return this.named(found.id);
  }

  /** What it found is resolved with the next evaluation. @returns false when there is no such rule */
  async remove(id: string): Promise<boolean> {
    return Boolean((await this.rows.delete({ id })).affected);
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

function checkSeverity(name: string): asserts name is Severity {
  if (!(SEVERITIES as readonly string[]).includes(name)) {
    throw new RuleRefused(`A severity is one of ${SEVERITIES.join(', ')}.`);
  }
}

function checkCooldown(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MOST_COOLDOWN_S) {
    throw new RuleRefused('A cooldown is at most seven days.');
  }
}

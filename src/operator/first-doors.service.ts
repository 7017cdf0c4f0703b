import { Inject, Injectable, Logger } from '@nestjs/common';
import { auditDetails, AuditService } from '../audit/index.js';
import { KeyAdminService, OperatorTokenAdmin, PoolService } from '../auth/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import type { Applied } from './applied.js';
import { START } from './start-actor.js';

const DEFAULT = 'default';

/** What lets the first client and the first operator in. Nobody becomes an operator by being the first to come. */
@Injectable()
export class FirstDoors {
  private readonly log = new Logger(FirstDoors.name);

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'OPERATOR_TOKEN'>,
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly tokens: OperatorTokenAdmin,
    private readonly audit: AuditService,
  ) {}

  /**
   * @param mint whether a person reads what is made: a key where there is no Pool at all, a token where no operator has one
   * @returns what was minted
   */
  async open(mint: boolean): Promise<Applied[]> {
    const made = mint ? await this.firstKey() : [];
    return [...made, ...(await this.firstToken(mint))];
  }

  private async firstKey(): Promise<Applied[]> {
    if ((await this.pools.listPools()).length > 0) return [];
    return this.audited('key.create', { type: 'key', label: DEFAULT }, async () => {
      const pool = await this.pools.createPool(DEFAULT);
      const { token } = await this.keys.createKey(pool.id, DEFAULT);
      return [{ what: `key ${DEFAULT} of Pool ${DEFAULT}`, token }];
    });
  }

  private async firstToken(mint: boolean): Promise<Applied[]> {
    const secret = this.config.OPERATOR_TOKEN;
    if (await this.tokens.any('operator')) {
      if (secret !== undefined) await this.requireKnown(secret);
      return [];
    }
    if (secret === undefined && !mint) return [];
    return this.audited('token.create', { type: 'token', label: DEFAULT }, async () => {
      const { token } = await this.tokens.create({
        kind: 'operator',
        label: DEFAULT,
        scopes: ['admin'],
        createdBy: START.label,
        ...(secret === undefined ? {} : { secret }),
      });
      return secret === undefined ? [{ what: `operator token ${DEFAULT}`, token }] : [];
    });
  }

  /** Whoever can set a variable does not become an operator of what others already operate. */
  private async requireKnown(secret: string): Promise<void> {
    const all = await this.tokens.list('operator');
    if (all.some(({ prefix }) => secret.startsWith(`${prefix}-`))) return;
    this.log.warn('OPERATOR_TOKEN was not taken: there are operator tokens already, and it is none of them.');
  }

  private async audited<T>(
    action: string,
    target: { type: string; label: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const entry = await this.audit.begin({ actor: START, action, target, details: auditDetails({ first: true }) });
    try {
      const made = await work();
      await entry.succeeded();
      return made;
    } catch (error) {
      await entry.failed(error instanceof Error ? error.name : 'unknown');
      throw error;
    }
  }
}

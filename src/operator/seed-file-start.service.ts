import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { auditDetails, AuditService } from '../audit/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import type { Applied } from './applied.js';
import { ApplyService } from './apply.service.js';
import { START } from './start-actor.js';

/** Applies the declarative file of the configuration. */
@Injectable()
export class SeedFileStart {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'SEED_FILE'>,
    private readonly applying: ApplyService,
    private readonly audit: AuditService,
  ) {}

  /** @throws Error in plain words when it cannot be read or taken */
  async apply(): Promise<Applied[]> {
    const file = this.config.SEED_FILE;
    if (file === undefined) return [];
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error('SEED_FILE cannot be read.');
    });
    const target = { type: 'file', id: 'SEED_FILE' };
    const entry = await this.audit.begin({ actor: START, action: 'file.apply', target });
    try {
      const applied = await this.applying.apply(text, dirname(file));
      await entry.succeeded(target, auditDetails({ after: applied.map(({ what }) => what) }));
      return applied;
    } catch (error) {
      await entry.failed(error instanceof Error ? error.name : 'unknown');
      throw error;
    }
  }
}

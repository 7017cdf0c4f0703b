import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/index.js';
import type { MaintenanceJob } from '../../platform/queue/index.js';
import { HOUR_MS } from './days.js';
import { RollupVerification } from './rollup-verification.service.js';

/** Looks every hour whether a day is over: at the latest one hour after midnight, and again when it could not then. */
@Injectable()
export class RollupVerificationJob implements MaintenanceJob {
  readonly name = 'rollup-verification';
  readonly everyMs = HOUR_MS;

  constructor(
    private readonly verification: RollupVerification,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async run(): Promise<object> {
    const { RETENTION_LEDGER_DAYS: ledger, RETENTION_HOURLY_DAYS: hourly } = this.config;
    return { days: await this.verification.verifyDue(Date.now(), { ledger, hourly }) };
  }
}

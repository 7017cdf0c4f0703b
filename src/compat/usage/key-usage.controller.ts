import { Controller, Get, Query } from '@nestjs/common';
import { LimitStatusService, UsageReports } from '../../accounting/index.js';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { AccountPoolService } from '../../upstream/index.js';
import { keyUsageBody, requireNoQuery } from './key-usage-body.js';

/** Today and those before it, UTC. */
const DAYS = 28;

/** `GET /v1/usage`: what the calling key came to in 28 days, and what limits it. */
@Controller('v1/usage')
export class KeyUsageController {
  constructor(
    private readonly reports: UsageReports,
    private readonly limits: LimitStatusService,
    private readonly accounts: AccountPoolService,
  ) {}

  @Get()
  async usage(@Query() query: unknown, @Caller() { keyId, pool, limits }: Principal): Promise<object> {
    requireNoQuery(query);
    const nowMs = Date.now();
    const [total, statuses, capacity] = await Promise.all([
      this.reports.total({ ...this.reports.lastDays(DAYS), filter: { keyId } }),
      this.limits.statusOf(limits, nowMs),
      this.accounts.capacity(pool.id),
    ]);
    return keyUsageBody(total, statuses, capacity, nowMs);
  }
}

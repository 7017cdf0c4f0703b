import { Controller, Get, Query } from '@nestjs/common';
import { KeyTotalsService } from '../../accounting/index.js';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { AccountPoolService } from '../../upstream/index.js';
import { keyUsageBody, requireNoQuery } from './key-usage-body.js';

const TOTALS_MS = 28 * 24 * 60 * 60 * 1000;

/** `GET /v1/usage`: what the calling key came to in the last 28 days. */
@Controller('v1/usage')
export class KeyUsageController {
  constructor(
    private readonly totals: KeyTotalsService,
    private readonly accounts: AccountPoolService,
  ) {}

  @Get()
  async usage(@Query() query: unknown, @Caller() { keyId, pool }: Principal): Promise<object> {
    requireNoQuery(query);
    const [totals, capacity] = await Promise.all([
      this.totals.since(keyId, Date.now() - TOTALS_MS),
      this.accounts.capacity(pool.id),
    ]);
    return keyUsageBody(totals, capacity);
  }
}

import { Injectable } from '@nestjs/common';
import { LimitStatusService } from '../../accounting/index.js';
import { UsageLimitService, type LimitOwner } from '../../auth/index.js';
import { limitViewOf, usedViewOf, type LimitView, type UsedView } from '../views/limit-view.js';

/** Limits as operators see them. */
@Injectable()
export class LimitViews {
  constructor(
    private readonly limits: UsageLimitService,
    private readonly status: LimitStatusService,
  ) {}

  /** @param nowMs Unix time in milliseconds: what is used is what is used then */
  async of(owner: LimitOwner, nowMs: number): Promise<{ limits: LimitView[]; used: UsedView[] }> {
    const limits = await this.limits.limitsOf(owner);
    const used = await this.status.statusOf(limits, nowMs);
    return { limits: limits.map(limitViewOf), used: used.map(usedViewOf) };
  }
}

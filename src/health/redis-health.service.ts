import { Injectable } from '@nestjs/common';
import { SharedState } from '../platform/shared-state/index.js';

/** A key that nobody sets. */
const PROBED = 'health';

/** Whether Redis answers, where one is used. It is never needed: what it holds may be lost. */
@Injectable()
export class RedisHealth {
  constructor(private readonly shared: SharedState) {}

  async answers(): Promise<boolean> {
    if (this.shared.reach === 'process') return true;
    return this.shared.get(PROBED).then(
      () => true,
      () => false,
    );
  }
}

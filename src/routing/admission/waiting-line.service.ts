import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { FairQueue } from './fair-queue.js';
import { LeaseHolder } from './lease-holder.service.js';

/** How long a caller that was refused counts as waiting in the store: longer than between two tries. */
export const WANT_MS = 500;

/** The one queue of this process: for whoever waits to be let in, and for whoever waits for an account. */
@Injectable()
export class WaitingLine extends FairQueue {
  constructor(@Inject(CONFIG) { QUEUE_SIZE }: Pick<Config, 'QUEUE_SIZE'>, holder: LeaseHolder) {
    super(QUEUE_SIZE, Math.random);
    holder.onFreed(() => this.wake());
  }
}

import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { QUEUES } from '../platform/queue/index.js';
import { SettlementRepository } from './settlement.repository.js';
import type { RecordsJob, SettleJob } from './settlement-job.js';

/** Writes what the gateways hand over. A job may come twice, late, or after somebody else wrote its calls. */
@Processor(QUEUES.settlement, { concurrency: 4 })
export class SettleProcessor extends WorkerHost {
  private readonly log = new Logger(SettleProcessor.name);

  constructor(private readonly settlements: SettlementRepository) {
    super();
  }

  /** @throws what Postgres throws; BullMQ then tries again, and others look into the outbox meanwhile */
  async process({ data }: Pick<Job<SettleJob | RecordsJob>, 'data'>): Promise<{ settled: number; refused: number }> {
    const refused =
      'callIds' in data
        ? await this.settlements.settle(data.callIds, 'queue')
        : await this.settlements.write(data.records, 'queue');
    if (refused.length > 0) this.log.error(`Postgres refused ${refused.length} settlements for what is in them.`);
    const calls = 'callIds' in data ? data.callIds.length : data.records.length;
    return { settled: calls - refused.length, refused: refused.length };
  }
}

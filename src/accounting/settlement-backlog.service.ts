import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { watch, type Readings } from '../platform/metrics/index.js';

const LOOK = `
  SELECT count(*)::int AS waiting,
         greatest(0, coalesce(extract(epoch FROM now() - min(written_at)), 0))::float AS "oldestSeconds"
    FROM settlement_outbox`;

/** Says how many settlements wait in the outbox, and for how long. */
@Injectable()
export class SettlementBacklog implements OnModuleInit, OnModuleDestroy {
  private unwatch: (() => void) | undefined;

  constructor(private readonly database: DataSource) {}

  onModuleInit(): void {
    this.unwatch = watch(() => this.look());
  }

  onModuleDestroy(): void {
    this.unwatch?.();
  }

  private async look(): Promise<Readings> {
    const [row] = await this.database.query<{ waiting: number; oldestSeconds: number }[]>(LOOK);
    if (row === undefined) return {};
    return {
      gw_settlements_waiting: [{ labels: {}, value: row.waiting }],
      gw_settlement_oldest_seconds: [{ labels: {}, value: row.oldestSeconds }],
    };
  }
}

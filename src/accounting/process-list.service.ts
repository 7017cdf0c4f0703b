import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A process that serves calls. */
export interface ListedProcess {
  readonly id: string;
  readonly role: string;
  readonly host: string;
  /** null: older than those that say so. */
  readonly version: string | null;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  /** By the database's clock, which wrote the heartbeat. */
  readonly silentMs: number;
  readonly openCalls: number;
}

const PROCESSES = `
  SELECT process.id, process.role, process.host, process.version, process.started_at AS "startedAt",
         process.heartbeat_at AS "heartbeatAt",
         greatest(0, extract(epoch FROM clock_timestamp() - process.heartbeat_at) * 1000)::float8 AS "silentMs",
         (SELECT count(*)::int FROM request
           WHERE request.process_id = process.id AND request.status = 'in_flight') AS "openCalls"
    FROM gateway_process AS process
   ORDER BY process.started_at, process.id`;

/** The processes that said that they live, and were not found dead yet. */
@Injectable()
export class ProcessList {
  constructor(private readonly database: DataSource) {}

  all(): Promise<ListedProcess[]> {
    return this.database.query<ListedProcess[]>(PROCESSES);
  }
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GATEWAY_VERSION } from '../core/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { HEARTBEAT_PATIENCE_MS, HEARTBEAT_PERIOD_MS } from './timing.js';
import { within } from '../platform/database/index.js';

/** Injection token: what this process does, for operators who read the table. */
export const PROCESS_ROLE = Symbol('PROCESS_ROLE');

/** Times are the database's own, so that clocks of two machines are never compared. The row comes back when swept. */
const HEARTBEAT = `
  INSERT INTO gateway_process (id, role, host, version, started_at, heartbeat_at)
  VALUES ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())
      ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, suspected_at = NULL`;

const LEAVE = `
  DELETE FROM gateway_process
   WHERE id = $1 AND NOT EXISTS (SELECT FROM request WHERE process_id = $1 AND status = 'in_flight')`;

/** Says that this process lives: calls in flight are its own as long as it does. */
@Injectable()
export class ProcessRegistry implements OnModuleInit {
  /** This incarnation; the next start is another. */
  readonly id: string = randomUUID();
  private readonly log = new Logger(ProcessRegistry.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: DataSource,
    @Inject(PROCESS_ROLE) private readonly role: string,
  ) {}

  async onModuleInit(): Promise<void> {
    this.timer = setInterval(() => void this.heartbeat(), HEARTBEAT_PERIOD_MS).unref();
    await this.heartbeat();
  }

  /** Never rejects: the next one is due in a moment. */
  async heartbeat(): Promise<void> {
    const row = [this.id, this.role, hostname(), GATEWAY_VERSION];
    try {
      await within(HEARTBEAT_PATIENCE_MS, this.database.query(HEARTBEAT, row));
    } catch (error) {
      this.log.warn(`Heartbeat not written: ${safeError(error).code ?? safeError(error).type}`);
    }
  }

  /** Take the row away, unless calls are still in flight: then the sweeper needs it. Never rejects. */
  async leave(): Promise<void> {
    clearInterval(this.timer);
    try {
      await within(HEARTBEAT_PATIENCE_MS, this.database.query(LEAVE, [this.id]));
    } catch (error) {
      this.log.warn(`Process not signed off: ${safeError(error).code ?? safeError(error).type}`);
    }
  }
}

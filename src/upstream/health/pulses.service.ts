import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import type { Pulse } from '../account-snapshot.js';
import { ended, heard, pulseOf, STILL, type Beat } from './pulse.js';

interface Felt {
  beat: Beat;
  lastSuccessAtMs?: number;
  /** When `lastSuccessAtMs` was last given to the database. */
  writtenAtMs: number;
}

const WRITE_EVERY_MS = 10_000;

/** Nobody waits for this: while the row is locked for something that matters, the next write tells the same. */
const WRITE = `
  UPDATE upstream_account SET last_success_at = to_timestamp($2::float8 / 1000)
   WHERE id = (SELECT id FROM upstream_account
                WHERE id = $1 AND coalesce(last_success_at, '-infinity') < to_timestamp($2::float8 / 1000)
                  FOR NO KEY UPDATE SKIP LOCKED)`;

/** How accounts have been doing in this process; when one last succeeded is known everywhere, some seconds later. */
@Injectable()
export class Pulses {
  private readonly log = new Logger(Pulses.name);
  private readonly felt = new Map<AccountId, Felt>();
  private readonly writes = new Set<Promise<void>>();

  constructor(private readonly dataSource: DataSource) {}

  heard(id: AccountId, ttftMs: number, nowMs: number): void {
    const felt = this.of(id);
    felt.beat = heard(felt.beat, ttftMs, nowMs);
  }

  failed(id: AccountId, nowMs: number): void {
    const felt = this.of(id);
    felt.beat = ended(felt.beat, 'failed', nowMs);
  }

  succeeded(id: AccountId, nowMs: number): void {
    const felt = this.of(id);
    felt.beat = ended(felt.beat, 'succeeded', nowMs);
    felt.lastSuccessAtMs = Math.max(felt.lastSuccessAtMs ?? 0, nowMs);
    if (nowMs - felt.writtenAtMs < WRITE_EVERY_MS) return;
    felt.writtenAtMs = nowMs;
    const write = this.write(id, nowMs).finally(() => this.writes.delete(write));
    this.writes.add(write);
  }

  /** @param storedSuccessAtMs what the database has; Unix time in milliseconds */
  pulseOf(id: AccountId, storedSuccessAtMs: number | undefined, nowMs: number): Pulse {
    const felt = this.felt.get(id);
    const last = Math.max(felt?.lastSuccessAtMs ?? 0, storedSuccessAtMs ?? 0);
    return pulseOf(felt?.beat ?? STILL, last === 0 ? undefined : last, nowMs);
  }

  async written(): Promise<void> {
    await Promise.all(this.writes);
  }

  private of(id: AccountId): Felt {
    let felt = this.felt.get(id);
    if (felt === undefined) {
      felt = { beat: STILL, writtenAtMs: 0 };
      this.felt.set(id, felt);
    }
    return felt;
  }

  private async write(id: AccountId, nowMs: number): Promise<void> {
    try {
      await this.dataSource.query(WRITE, [id, nowMs]);
    } catch (error) {
      this.log.warn({ msg: 'the time of a success was not written', accountId: id, error: safeError(error) });
    }
  }
}

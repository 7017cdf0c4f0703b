import type { Logger } from '@nestjs/common';
import { safeError } from '../platform/telemetry/index.js';
import { pause } from './pause.js';
import { DIRECT_PATIENCE_MS, DIRECT_RETRY_FIRST_MS, DIRECT_RETRY_LAST_MS } from './timing.js';
import { within } from '../platform/database/index.js';

interface Work<T> {
  /** What is to be written next, [] for nothing; it stays there until it is written. */
  next(): readonly T[];
  /** Safe to repeat: a write that takes too long is given up and tried again. */
  write(items: readonly T[]): Promise<void>;
}

/** Writes batch after batch until nothing waits, and while Postgres is away tries on, ever more slowly. */
export class WriteLoop<T> {
  private running: Promise<void> | undefined;
  private ending = false;

  constructor(
    private readonly work: Work<T>,
    private readonly log: Logger,
  ) {}

  /** Returns at once; goes on with what comes while it runs. */
  start(): void {
    if (this.running === undefined && this.work.next().length > 0) this.running = this.writeAll();
  }

  /** Resolves when nothing waits. Never rejects. */
  async done(): Promise<void> {
    await this.running;
  }

  /** From now on a failure is the end of it. */
  end(): void {
    this.ending = true;
  }

  private async writeAll(): Promise<void> {
    let pauseMs = DIRECT_RETRY_FIRST_MS;
    for (let items = this.work.next(); items.length > 0; items = this.work.next()) {
      try {
        await within(DIRECT_PATIENCE_MS, this.work.write(items));
        pauseMs = DIRECT_RETRY_FIRST_MS;
      } catch (error) {
        this.log.warn(`${items.length} settlements or more wait for Postgres: ${reason(error)}`);
        if (this.ending) break;
        await pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, DIRECT_RETRY_LAST_MS);
      }
    }
    this.running = undefined;
  }
}

const reason = (error: unknown): string => safeError(error).code ?? safeError(error).type;

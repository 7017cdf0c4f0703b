import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { safeError } from '../platform/telemetry/index.js';
import type { CallIntent, Intent } from './call-intent.js';
import { IntentWriter } from './intent-writer.service.js';
import { ProcessRegistry } from './process-registry.service.js';
import { settlementRecord } from './records.js';
import { SettlementOutbox } from './settlement-outbox.service.js';
import type { Settlement } from './settlement.js';

/** Why a call is refused: an error code of ours, whose fault it is, and the HTTP status that the client sees. */
interface Rejection {
  readonly code: string;
  readonly blame: string;
  readonly status: number;
}

/**
 * What every routed call owes: an intent before its first byte goes out, and one settlement when it is over, however
 * that was. Between the two a row says who holds the call, so that a sweeper can settle it for a process that died.
 */
@Injectable()
export class LedgerService implements OnApplicationShutdown {
  private readonly log = new Logger(LedgerService.name);

  constructor(
    private readonly intents: IntentWriter,
    private readonly outbox: SettlementOutbox,
    private readonly processes: ProcessRegistry,
  ) {}

  /** Returns at once; the rows are on their way. */
  intend(call: CallIntent): Intent {
    return this.intents.open(call, this.processes.id);
  }

  /** Returns at once, never throws, and never loses a settlement while the process lives. Safe to repeat. */
  settle(settlement: Settlement): void {
    try {
      this.outbox.put(settlementRecord(settlement, this.processes.id));
    } catch (error) {
      this.log.error(`Call ${settlement.callId} cannot be settled: ${safeError(error).type}`);
    }
  }

  /**
   * The settlement of a call that we refuse before any account is asked, whether it has an intent or not. Returns at once,
   * never throws, safe to repeat. @param completedAtMs Unix time in milliseconds
   */
  reject(call: CallIntent, { code, blame, status }: Rejection, completedAtMs: number): void {
    this.settle({
      ...call,
      outcome: 'rejected',
      httpStatus: status,
      error: { code, blame },
      cost: { status: 'none' },
      attempts: [],
      completedAtMs,
    });
  }

  /** The last hook of all: streams are drained and sockets closed, so nothing more is going to be settled. */
  async onApplicationShutdown(): Promise<void> {
    await this.outbox.close();
    await this.processes.leave();
  }
}

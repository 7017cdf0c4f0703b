import { Injectable, Logger } from '@nestjs/common';
import { safeError } from '../platform/telemetry/index.js';
import type { CallIntent, Intent } from './call-intent.js';
import { IntentGroup, unrecorded, type IntentLine } from './intent-group.js';
import { IntentRepository } from './intent.repository.js';
import { pause } from './pause.js';
import { attemptStartRecord, requestRecord } from './records.js';
import { storedText } from './stored-text.js';
import { INTENT_PATIENCE_MS, INTENT_RETRY_MS } from './timing.js';

/** More than this many groups of 500 waiting means that Postgres is away: further calls are refused, memory is not. */
const MAX_GROUPS = 20;

/**
 * Group commit. One statement runs at a time; whatever comes meanwhile goes together into the next one. An idle gateway
 * thus commits each call at once, a busy one hundreds of them with one flush of the log.
 */
@Injectable()
export class IntentWriter {
  private readonly log = new Logger(IntentWriter.name);
  private readonly waiting: IntentGroup[] = [];
  private writing = false;

  constructor(private readonly intents: IntentRepository) {}

  open(call: CallIntent, processId: string): Intent {
    const groups = [this.queue({ request: requestRecord(call, processId) })];
    const add = (line: IntentLine): void => {
      const group = this.queue(line);
      if (group !== groups.at(-1)) groups.push(group);
    };
    return {
      attempt: (start) => add({ attempt: attemptStartRecord(call.callId, start) }),
      reserve: (reservation) => add({ reservation: { ...reservation, model: storedText(reservation.model) } }),
      durable: async () => {
        await Promise.all(groups.map((group) => (group ? group.durable(call.callId) : Promise.reject(unrecorded()))));
      },
    };
  }

  /** @returns the group that carries the line; undefined when the queue is full */
  private queue(line: IntentLine): IntentGroup | undefined {
    let group = this.waiting.at(-1);
    if (!group || group.full) {
      if (this.waiting.length >= MAX_GROUPS) return undefined;
      group = this.newGroup();
    }
    group.lines.push(line);
    if (!this.writing) {
      this.writing = true;
      setImmediate(() => void this.writeAll());
    }
    return group;
  }

  private newGroup(): IntentGroup {
    const group = new IntentGroup();
    const timer = setTimeout(() => group.expire(), INTENT_PATIENCE_MS).unref();
    void group.ended().then(() => clearTimeout(timer));
    this.waiting.push(group);
    return group;
  }

  private async writeAll(): Promise<void> {
    for (let group = this.waiting.shift(); group; group = this.waiting.shift()) await this.commit(group);
    this.writing = false;
  }

  /** Until it is committed or nobody waits for it any more; a statement that hangs must not stop the next group. */
  private async commit(group: IntentGroup): Promise<void> {
    for (let failures = 0; !group.over; failures++) {
      try {
        await Promise.race([this.write(group), group.ended()]);
      } catch (error) {
        if (failures === 0) this.log.warn(`Intents of ${group.lines.length} rows not written: ${reason(error)}`);
        await Promise.race([pause(INTENT_RETRY_MS), group.ended()]);
      }
    }
  }

  private async write(group: IntentGroup): Promise<void> {
    const refused = await this.intents.write(group.lines);
    if (refused.length > 0) this.log.error(`Postgres refused ${refused.length} intents for what is in them.`);
    group.committed(refused);
  }
}

const reason = (error: unknown): string => safeError(error).code ?? safeError(error).type;

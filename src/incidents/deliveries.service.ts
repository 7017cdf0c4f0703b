import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { delayMs, MOST_ATTEMPTS, type SendOutcome } from './delivery-outcome.js';
import type { DeliveryEvent, DeliveryStatus } from './incident-delivery.entity.js';
import { CLAIM, GIVE_UP_LOST, RECORD, SELECT_DUE } from './incident-sql.js';
import { Incident } from './incident.entity.js';
import { DELIVER_JOB, type DeliveryJob } from './jobs.js';
import { WebhookSender } from './webhook-sender.service.js';
import { Webhooks } from './webhooks.service.js';

interface Claimed {
  readonly incidentId: string;
  readonly webhookId: string;
  readonly event: DeliveryEvent;
  readonly attempts: number;
}

/** What is to be told to webhooks. Rows say what is due; jobs only carry their ids to whoever has time. */
@Injectable()
export class Deliveries {
  constructor(
    private readonly database: DataSource,
    private readonly webhooks: Webhooks,
    private readonly sender: WebhookSender,
    private readonly jobs: JobProducer,
  ) {}

  /** Hands over a job for everything that is due and not on its way yet. @returns how many are due */
  async enqueue(nowMs: number): Promise<number> {
    await this.database.query(GIVE_UP_LOST, [nowMs, MOST_ATTEMPTS]);
    const due = await this.database.query<{ readonly id: string }[]>(SELECT_DUE, [nowMs]);
    for (const { id: deliveryId } of due) {
      const data: DeliveryJob = { deliveryId };
      // When one that failed is tried again is for its row to say.
      const options = { deduplication: { id: `${DELIVER_JOB}-${deliveryId}` }, attempts: 1 };
      await this.jobs.add(QUEUES.incidents, DELIVER_JOB, data, options);
    }
    return due.length;
  }

  /**
   * One attempt. Claimed first and committed before anything is sent, so that of two workers one sends; should this
   * process die, the next attempt comes when it would have come anyway, and its event has the same id.
   */
  async deliver(id: string, now: () => number): Promise<SendOutcome['kind'] | 'not_due'> {
    const attemptId = randomUUID();
    const nowMs = now();
    const againMs = nowMs + delayMs(1);
    const [claimed] = await this.database.query<Claimed[]>(CLAIM, [id, attemptId, nowMs, againMs, MOST_ATTEMPTS]);
    if (claimed === undefined) return 'not_due';
    const outcome = await this.attempt(id, attemptId, claimed);
    await this.record(id, attemptId, claimed.attempts, outcome, now());
    return outcome.kind;
  }

  private async attempt(eventId: string, attemptId: string, claimed: Claimed): Promise<SendOutcome> {
    const { incidentId, webhookId, event, attempts: attempt } = claimed;
    const target = await this.webhooks.target(webhookId).catch(() => 'unreadable' as const);
    if (target === 'unreadable') return { kind: 'never', code: 'secret_unreadable' };
    if (target === undefined) return { kind: 'never', code: 'webhook_disabled' };
    const incident = await this.database.getRepository(Incident).findOneByOrFail({ id: incidentId });
    return this.sender.send(target, { event, eventId, attemptId, attempt, webhookId, incident });
  }

  private async record(id: string, attemptId: string, attempts: number, outcome: SendOutcome, nowMs: number) {
    const isOver = outcome.kind !== 'again' || attempts >= MOST_ATTEMPTS;
    const ended: DeliveryStatus = outcome.kind === 'sent' ? 'sent' : 'failed';
    await this.database.query(RECORD, [
      id,
      attemptId,
      isOver ? ended : 'pending',
      outcome.status ?? null,
      outcome.kind === 'sent' ? null : outcome.code,
      nowMs + delayMs(attempts),
      nowMs,
    ]);
  }
}

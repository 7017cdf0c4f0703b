import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EgressRefused, Outbound } from '../platform/egress/index.js';
import { failureCode, outcomeOf, type SendOutcome } from './delivery-outcome.js';
import { messageBody, messageHeaders, type Message } from './webhook-message.js';
import type { WebhookTarget } from './webhooks.service.js';

const PATIENCE_MS = 10_000;

/** Tells a webhook of an event, once. */
@Injectable()
export class WebhookSender {
  constructor(private readonly outbound: Outbound) {}

  /** Never throws. */
  async send(target: WebhookTarget, message: Message): Promise<SendOutcome> {
    const url = this.outbound.urlOf(target.url);
    if (url === undefined) return { kind: 'never', code: 'address_refused' };
    const body = messageBody(message, target.format);
    const headers = messageHeaders(message, body, target.secret);
    try {
      return outcomeOf(await this.outbound.post({ url, headers, body, withinMs: PATIENCE_MS }));
    } catch (error) {
      if (error instanceof EgressRefused) return { kind: 'never', code: 'address_refused' };
      return { kind: 'again', code: failureCode(error) };
    }
  }

  /** Something that is no incident, for its operator to see it arrive. */
  test(target: WebhookTarget): Promise<SendOutcome> {
    const now = new Date();
    return this.send(target, {
      event: 'test',
      eventId: randomUUID(),
      attemptId: randomUUID(),
      attempt: 1,
      webhookId: target.id,
      incident: {
        id: randomUUID(),
        dedupeKey: 'test',
        severity: 'info',
        ruleName: 'test',
        ruleKind: 'job_failing',
        reasonCode: 'test',
        targetKind: 'job',
        targetId: 'webhook-test',
        targetLabel: 'webhook-test',
        poolIds: [],
        evidence: {},
        occurrenceCount: 1,
        firstSeenAt: now,
        lastSeenAt: now,
        resolvedAt: null,
      },
    });
  }
}

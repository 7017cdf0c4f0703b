import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HostResolver, Outbound } from '../platform/egress/index.js';
import { IncidentDelivery } from './incident-delivery.entity.js';
import { IncidentRule } from './incident-rule.entity.js';
import { IncidentRules } from './incident-rules.service.js';
import { Incident } from './incident.entity.js';
import { Incidents } from './incidents.service.js';
import { WebhookSender } from './webhook-sender.service.js';
import { Webhook } from './webhook.entity.js';
import { Webhooks } from './webhooks.service.js';

/** Incidents, their rules and whom they are told to, for operators. */
@Module({
  imports: [TypeOrmModule.forFeature([Incident, IncidentRule, IncidentDelivery, Webhook])],
  providers: [HostResolver, Outbound, Incidents, IncidentRules, Webhooks, WebhookSender],
  exports: [Incidents, IncidentRules, Webhooks, WebhookSender],
})
export class IncidentsModule {}

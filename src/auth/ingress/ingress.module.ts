import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth.module.js';
import { CallerWatch } from './caller-watch.service.js';
import { CredentialThrottle } from './credential-throttle.service.js';
import { IngressCounts } from './ingress-counts.service.js';
import { IngressRules } from './ingress-rules.service.js';
import { IngressSettingsRow } from './ingress-settings.entity.js';

/** Who may knock: from where, and how often with what is nobody's. */
@Module({
  imports: [AuthModule, TypeOrmModule.forFeature([IngressSettingsRow])],
  providers: [CallerWatch, CredentialThrottle, IngressCounts, IngressRules],
  exports: [CallerWatch, CredentialThrottle, IngressCounts, IngressRules],
})
export class IngressModule {}

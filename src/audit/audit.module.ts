import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditChain } from './audit-chain.entity.js';
import { AuditEventRow } from './audit-event.entity.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

/** Who did what. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditChain, AuditEventRow])],
  providers: [AuditRepository, AuditService],
  exports: [AuditService],
})
export class AuditModule {}

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { KeyAdminService } from './key-admin.service.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { LocalCallers } from './local-callers.service.js';
import { OperatorTokenAdmin } from './operator-token-admin.service.js';
import { OperatorToken } from './operator-token.entity.js';
import { OperatorTokenRepository } from './operator-token.repository.js';
import { OperatorTokenService } from './operator-token.service.js';
import { PoolKey } from './pool-key.entity.js';
import { PoolKeyRepository } from './pool-key.repository.js';
import { PoolKeyService } from './pool-key.service.js';
import { Pool } from './pool.entity.js';
import { PoolService } from './pool.service.js';
import { UsageLimitRow } from './usage-limit.entity.js';
import { UsageLimitService } from './usage-limit.service.js';

/** Who is calling: Pools, their keys, and whether a caller holds one. */
@Module({
  imports: [TypeOrmModule.forFeature([OperatorToken, Pool, PoolKey, UsageLimitRow])],
  providers: [
    KeyAdminService,
    KeyBroadcast,
    LocalCallers,
    OperatorTokenAdmin,
    OperatorTokenRepository,
    OperatorTokenService,
    PoolKeyRepository,
    PoolKeyService,
    PoolService,
    UsageLimitService,
  ],
  exports: [
    KeyAdminService,
    LocalCallers,
    OperatorTokenAdmin,
    OperatorTokenService,
    PoolKeyService,
    PoolService,
    UsageLimitService,
  ],
})
export class AuthModule {}

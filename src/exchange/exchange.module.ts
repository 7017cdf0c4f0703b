import { Module } from '@nestjs/common';
import { AccountingModule } from '../accounting/index.js';
import { RoutingModule } from '../routing/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { EntryService } from './entry.service.js';
import { ExchangeService } from './exchange.service.js';
import { SessionService } from './sessions.service.js';

/** One routed call, from its intent to its settlement. */
@Module({
  imports: [AccountingModule, RoutingModule, UpstreamModule],
  providers: [EntryService, ExchangeService, SessionService],
  exports: [ExchangeService, SessionService],
})
export class ExchangeModule {}

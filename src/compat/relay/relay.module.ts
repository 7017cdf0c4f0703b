import { Module } from '@nestjs/common';
import { ExchangeModule } from '../../exchange/index.js';
import { HttpModule } from '../../platform/http/index.js';
import { RelayController } from './relay.controller.js';

/** The relay of unknown paths below `/v1`: only where one person serves themselves. */
@Module({ imports: [ExchangeModule, HttpModule], controllers: [RelayController] })
export class RelayModule {}

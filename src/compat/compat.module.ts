import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { HttpModule } from '../platform/http/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { ModelsController } from './codex-backend/models.controller.js';
import { ResponsesController } from './codex-backend/responses.controller.js';

/** The client protocols: one folder each, and its controllers here. */
@Module({
  imports: [AuthModule, ExchangeModule, HttpModule, UpstreamModule],
  controllers: [ModelsController, ResponsesController],
})
export class CompatModule {}

import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { HttpModule } from '../platform/http/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { CompactController } from './codex-backend/compact.controller.js';
import { ImagesController } from './codex-backend/images.controller.js';
import { ModelsController } from './codex-backend/models.controller.js';
import { NativeCalls } from './codex-backend/native-calls.service.js';
import { PoolReport } from './codex-backend/pool-report.service.js';
import { RealtimeCallsController } from './codex-backend/realtime-calls.controller.js';
import { ResponsesController } from './codex-backend/responses.controller.js';
import { ResponsesGateway } from './codex-backend/responses.gateway.js';
import { TranscribeController } from './codex-backend/transcribe.controller.js';
import { UsageController } from './usage/usage.controller.js';

/** The client protocols: one folder each, and its controllers here. */
@Module({
  imports: [AuthModule, ExchangeModule, HttpModule, UpstreamModule],
  controllers: [
    CompactController,
    ImagesController,
    ModelsController,
    RealtimeCallsController,
    ResponsesController,
    TranscribeController,
    UsageController,
  ],
  providers: [NativeCalls, PoolReport, ResponsesGateway],
})
export class CompatModule {}

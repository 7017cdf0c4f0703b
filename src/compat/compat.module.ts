import { Module } from '@nestjs/common';
import { RequestLogModule } from '../accounting/index.js';
import { AuthModule, IngressModule } from '../auth/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { HttpModule } from '../platform/http/index.js';
import { StoredModule } from '../stored/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { CountTokensController } from './anthropic-messages/count-tokens.controller.js';
import { MessageRequests } from './anthropic-messages/message-requests.service.js';
import { MessagesController } from './anthropic-messages/messages.controller.js';
import { CompactController } from './codex-backend/compact.controller.js';
import { CheckpointController } from './codex-extras/compact.controller.js';
import { Compactions } from './codex-extras/compactions.service.js';
import { InspectController } from './codex-extras/inspect.controller.js';
import { ImagesController } from './codex-backend/images.controller.js';
import { ModelsController } from './codex-backend/models.controller.js';
import { NativeCalls } from './codex-backend/native-calls.service.js';
import { PoolReport } from './codex-backend/pool-report.service.js';
import { RealtimeCallsController } from './codex-backend/realtime-calls.controller.js';
import { ResponsesController } from './codex-backend/responses.controller.js';
import { ResponsesGateway } from './codex-backend/responses.gateway.js';
import { TranscribeController } from './codex-backend/transcribe.controller.js';
import { ChatController } from './openai-chat/chat.controller.js';
import { ChatCalls } from './openai-chat/chat-calls.service.js';
import { StoredCompletionsController } from './openai-chat/stored-completions.controller.js';
import { StoredCompletions } from './openai-chat/stored-completions.service.js';
import { TranscriptionsController } from './openai-audio/transcriptions.controller.js';
import { CreateImagesController } from './openai-images/create-images.controller.js';
import { Pictures } from './openai-images/pictures.service.js';
import { ListModelsController } from './openai-models/list-models.controller.js';
import { PublicResponsesController } from './openai-responses/public-responses.controller.js';
import { PublicResponsesGateway } from './openai-responses/public-responses.gateway.js';
import { PublicResponses } from './openai-responses/public-responses.service.js';
import { StoredResponsesController } from './openai-responses/stored-responses.controller.js';
import { StoredResponses } from './openai-responses/stored-responses.service.js';
import { TokenCounter } from './token-count/token-counter.service.js';
import { TranslatedCalls } from './translation/translated-calls.service.js';
import { KeyUsageController } from './usage/key-usage.controller.js';
import { UsageController } from './usage/usage.controller.js';

/** The client protocols: one folder each, and its controllers here. */
@Module({
  imports: [AuthModule, ExchangeModule, HttpModule, IngressModule, RequestLogModule, StoredModule, UpstreamModule],
  controllers: [
    ChatController,
    CheckpointController,
    CompactController,
    CountTokensController,
    CreateImagesController,
    KeyUsageController,
    ListModelsController,
    InspectController,
    MessagesController,
    ImagesController,
    ModelsController,
    PublicResponsesController,
    RealtimeCallsController,
    ResponsesController,
    StoredCompletionsController,
    StoredResponsesController,
    TranscribeController,
    TranscriptionsController,
    UsageController,
  ],
  providers: [
    Compactions,
    MessageRequests,
    TokenCounter,
    ChatCalls,
    NativeCalls,
    Pictures,
    PoolReport,
    PublicResponses,
    PublicResponsesGateway,
    ResponsesGateway,
    StoredCompletions,
    StoredResponses,
    TranslatedCalls,
  ],
})
export class CompatModule {}

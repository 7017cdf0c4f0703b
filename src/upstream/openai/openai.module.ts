import { Module } from '@nestjs/common';
import { SseTransport } from '../transport/sse-transport.service.js';
import { TransportModule } from '../transport/transport.module.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';
import { failureOf } from './failure.js';
import { OpenAiKind } from './openai-kind.service.js';

/** The upstream kind `openai`, whole. */
@Module({
  imports: [TransportModule],
  providers: [
    {
      provide: SseTransport,
      inject: [UpstreamHttp],
      useFactory: (http: UpstreamHttp) => new SseTransport(http, failureOf),
    },
    OpenAiKind,
  ],
  exports: [OpenAiKind],
})
export class OpenAiModule {}

import { Module } from '@nestjs/common';
import { CodexKind } from './codex-kind.service.js';
import { failureOf } from './failure.js';
import { CodexOAuth } from './oauth.service.js';
import { SocketTransport } from './socket-transport.service.js';
import { SseTransport } from '../transport/sse-transport.service.js';
import { TransportModule } from '../transport/transport.module.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';

/** The upstream kind `codex`, whole. */
@Module({
  imports: [TransportModule],
  providers: [
    {
      provide: SseTransport,
      inject: [UpstreamHttp],
      useFactory: (http: UpstreamHttp) => new SseTransport(http, failureOf),
    },
    SocketTransport,
    CodexOAuth,
    CodexKind,
  ],
  exports: [CodexKind],
})
export class CodexModule {}

import { Module } from '@nestjs/common';
import { CodexKind } from './codex-kind.service.js';
import { CodexOAuth } from './oauth.service.js';
import { SocketTransport } from './socket-transport.service.js';
import { SseTransport } from './sse-transport.service.js';
import { UpstreamHttp } from './upstream-http.service.js';

/** The upstream kind `codex`, whole. */
@Module({
  providers: [UpstreamHttp, SseTransport, SocketTransport, CodexOAuth, CodexKind],
  exports: [CodexKind],
})
export class CodexModule {}

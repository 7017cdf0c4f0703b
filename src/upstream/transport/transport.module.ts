import { Module } from '@nestjs/common';
import { UpstreamHttp } from './upstream-http.service.js';

/** What every kind of upstream is spoken to with. */
@Module({ providers: [UpstreamHttp], exports: [UpstreamHttp] })
export class TransportModule {}

import { Module } from '@nestjs/common';
import { LiveStreams } from './live-streams.service.js';

/** What every HTTP door shares: the replies in flight. */
@Module({ providers: [LiveStreams], exports: [LiveStreams] })
export class HttpModule {}

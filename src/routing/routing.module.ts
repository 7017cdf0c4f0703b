import { Module } from '@nestjs/common';
import { UpstreamModule } from '../upstream/index.js';
import { AffinityService } from './affinity.service.js';
import { RouterService } from './router.service.js';

/** Which account serves a call. Reads the account pool; knows no client protocol. */
@Module({
  imports: [UpstreamModule],
  providers: [AffinityService, RouterService],
  exports: [AffinityService, RouterService],
})
export class RoutingModule {}

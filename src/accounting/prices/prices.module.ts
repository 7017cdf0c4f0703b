import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HostResolver } from '../../platform/egress/index.js';
import { CostCorrection } from './cost-correction.entity.js';
import { CostReplayService } from './cost-replay.service.js';
import { ModelPrice } from './model-price.entity.js';
import { PriceDownload } from './price-download.adapter.js';
import { PriceFeed } from './price-feed.entity.js';
import { PriceImportService } from './price-import.service.js';
import { PriceRepository } from './price.repository.js';
import { PriceService } from './price.service.js';

/** What models cost, and what calls came to. */
@Module({
  imports: [TypeOrmModule.forFeature([CostCorrection, ModelPrice, PriceFeed])],
  providers: [CostReplayService, HostResolver, PriceDownload, PriceImportService, PriceRepository, PriceService],
  exports: [CostReplayService, PriceDownload, PriceImportService, PriceRepository, PriceService],
})
export class PricesModule {}

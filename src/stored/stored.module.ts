import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoredChains } from './stored-chains.service.js';
import { StoredContents } from './stored-contents.service.js';
import { StoredHolders } from './stored-holders.service.js';
import { StoredItem } from './stored-item.entity.js';
import { StoredItems } from './stored-items.service.js';
import { StoredPages } from './stored-pages.service.js';

/** What clients may come back to: responses and completions, where a Pool keeps them. */
@Module({
  imports: [TypeOrmModule.forFeature([StoredItem])],
  providers: [StoredItems, StoredChains, StoredContents, StoredHolders, StoredPages],
  exports: [StoredItems, StoredChains, StoredHolders, StoredPages],
})
export class StoredModule {}

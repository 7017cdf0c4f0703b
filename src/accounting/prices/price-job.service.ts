import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/index.js';
import type { MaintenanceJob } from '../../platform/queue/index.js';
import { PRICE_IMPORT_PERIOD_MS } from '../timing.js';
import { PriceDownload } from './price-download.adapter.js';
import { PricesInvalid } from './price-file.js';
import { PriceImportService } from './price-import.service.js';

/** Keeps the price list fresh, if somebody publishes one for us. */
@Injectable()
export class PriceJob implements MaintenanceJob {
  private readonly log = new Logger(PriceJob.name);
  readonly name = 'prices';
  readonly everyMs = PRICE_IMPORT_PERIOD_MS;

  constructor(
    private readonly download: PriceDownload,
    private readonly imports: PriceImportService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PRICES_URL'>,
  ) {}

  async run(): Promise<object> {
    const url = this.config.PRICES_URL;
    if (url === undefined) return { configured: false };
    try {
      return await this.imports.import(await this.download.text(url), sourceOf(url));
    } catch (error) {
      if (error instanceof PricesInvalid) this.log.warn(`The prices were not imported. ${error.message}`);
      throw error;
    }
  }
}

/** A URL for the record: its query may hold a credential. */
export const sourceOf = (url: string): string => url.replace(/[?#].*$/, '');

import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { differenceOf, suspicions, type PriceDifference } from './price-check.js';
import { basePricesOf, parsedPrices, PricesInvalid } from './price-file.js';
import { compareVersions } from './price-list.js';
import { PriceRepository } from './price.repository.js';
import { PriceService } from './price.service.js';

export interface PriceImport extends PriceDifference {
  readonly version: string;
  readonly models: number;
  /** False: this very list was imported before, or is what we ship. */
  readonly imported: boolean;
}

const MOST_SUSPICIONS = 5;

/** Takes a price list in, or refuses it and changes nothing. */
@Injectable()
export class PriceImportService {
  constructor(
    private readonly stored: PriceRepository,
    private readonly prices: PriceService,
  ) {}

  /**
   * @param source where the list is from, for the record
   * @param force  believe it although its prices leap, or models are missing
   * @param dryRun say what would come of it, and change nothing
   * @throws PricesInvalid with the reason
   */
  async import(text: string, source: string, { force = false, dryRun = false } = {}): Promise<PriceImport> {
    const body = parsedPrices(text);
    const next = basePricesOf(body);
    const known = await this.prices.refresh();
    const told = { version: next.version, models: next.models.size, ...differenceOf(known, next) };
    if (await this.isKnown(next.version, body)) return { ...told, imported: false };
    const order = compareVersions(next.version, known.version);
    if (order < 0) throw new PricesInvalid(`It is older (${next.version}) than the list in use (${known.version}).`);
    const doubts = suspicions(known, next);
    if (doubts.length > 0 && !force) throw new PricesInvalid(doubted(doubts));
    if (dryRun) return { ...told, imported: true };
    if (!(await this.stored.addFeed(next.version, source, body))) throw otherOf(next.version);
    await this.prices.changed();
    return { ...told, imported: true };
  }

  /** @throws PricesInvalid when other prices have that version: it would name two lists */
  private async isKnown(version: string, body: unknown): Promise<boolean> {
    const before = await this.stored.feedOf(version);
    if (before) {
      if (isDeepStrictEqual(before.body, body)) return true;
      throw otherOf(version);
    }
    if (version !== BUILT_IN_PRICES.version) return false;
    const { added, removed, changed } = differenceOf(BUILT_IN_PRICES, basePricesOf(body));
    if (added + removed + changed > 0) throw otherOf(version);
    return true;
  }
}

const otherOf = (version: string): PricesInvalid =>
  new PricesInvalid(`There is another list of the version ${version}: give this one a version of its own.`);

function doubted(doubts: readonly string[]): string {
  const more = doubts.length - MOST_SUSPICIONS;
  const told = doubts.slice(0, MOST_SUSPICIONS).join('; ');
  return `It looks wrong: ${told}${more > 0 ? `; and ${more} more` : ''}. With --force it is imported all the same.`;
}

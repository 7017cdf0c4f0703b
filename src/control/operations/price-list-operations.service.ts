import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  CostReplayService,
  PriceDownload,
  PriceImportService,
  PriceService,
  PricesInvalid,
  sourceOf,
  type ReplayPosition,
} from '../../accounting/index.js';
import { ControlError, invalidField } from '../control-error.js';
import { day, msOf } from '../instants.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { textsAt, textsCursor } from '../texts-cursor.js';
import { priceImportView, priceListView, replayView, replayViewOf, type ReplayView } from '../views/price-view.js';
import { seesWholeInstance } from '../whole-instance.js';
import { NamedThings } from './named-things.service.js';

const MAX_LIST_BYTES = 5 * 1024 * 1024;
/** No answer takes longer: who asks goes on from where it ended. */
const REPLAY_MS = 5_000;
const CURSOR = [/^[0-2]$/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/];

const importing = z.object({
  list: z.string().min(1).max(MAX_LIST_BYTES).optional().describe('its text'),
  url: z.string().min(1).max(2_000).optional().describe('a public https:// URL to fetch it from'),
  source: z.string().min(1).max(200).default('operator').describe('where the text is from, for the record'),
  force: z.boolean().default(false).describe('believe it although prices leap or models are missing'),
});
const replaying = z.object({
  from: day.describe('first UTC day'),
  to: day.describe('first day after it'),
  pool: z.string().min(1).max(200).optional().describe('of one Pool only: its slug'),
  after: z.string().min(1).max(500).optional().describe('the `next` of the answer before'),
});

type Importing = z.output<typeof importing>;
type Replaying = z.output<typeof replaying>;

/** Newer price lists, and what the prices say of past calls. */
@Injectable()
export class PriceListOperations extends OperationSet {
  constructor(
    private readonly prices: PriceService,
    private readonly download: PriceDownload,
    private readonly imports: PriceImportService,
    private readonly replays: CostReplayService,
    private readonly named: NamedThings,
  ) {
    super();
  }

  private readonly list = {
    view: priceListView,
    read: async () => {
      const { version, priceVersion, models } = await this.prices.refresh();
      return { version, priceVersion, models: models.size };
    },
  };

  readonly operations: readonly Operation[] = [
    operation({
      name: 'prices.import',
      summary: 'Take in a newer price list',
      method: 'POST',
      path: '/prices/import',
      scope: 'admin',
      input: importing,
      output: priceImportView,
      change: {
        action: 'price.import',
        target: ({ url, source }) => ({ type: 'price_list', id: url === undefined ? source : sourceOf(url) }),
        thing: this.list,
        destructive: true,
        effects: async (asked) => [importWords(await this.imported(asked, true))],
        secrets: ['list', 'url'],
      },
      run: (asked, { actor }) => {
        seesWholeInstance(actor);
        return this.imported(asked, false);
      },
    }),
    operation({
      name: 'prices.compare',
      summary: 'What past calls would cost with the prices that hold now; nothing is changed',
      method: 'GET',
      path: '/prices/replay',
      scope: 'read',
      input: replaying,
      output: replayView,
      run: (asked, call) => this.replayed(asked, call, true),
    }),
    operation({
      name: 'prices.replay',
      summary: 'Compute the cost of past calls with the prices that hold now, a few seconds of work at a time',
      method: 'POST',
      path: '/prices/replay',
      scope: 'admin',
      input: replaying,
      output: replayView,
      change: {
        action: 'price.replay',
        target: ({ pool }) => ({ type: 'price_list', ...(pool === undefined ? {} : { label: pool }) }),
        thing: this.list,
        destructive: true,
        effects: async (asked, call) => [replayWords(await this.replayed(asked, call, true))],
      },
      run: (asked, call) => this.replayed(asked, call, false),
    }),
  ];

  /** @throws ControlError `unprocessable` for what is no list, or one that looks wrong */
  private async imported({ list, url, source, force }: Importing, dryRun: boolean) {
    if ((list === undefined) === (url === undefined)) throw invalidField('list', 'Say either the list or its URL.');
    try {
      const text = list ?? (await this.download.text(url ?? ''));
      return await this.imports.import(text, url === undefined ? source : sourceOf(url), { force, dryRun });
    } catch (thrown) {
      if (thrown instanceof PricesInvalid) throw new ControlError('unprocessable', thrown.message);
      throw thrown;
    }
  }

  private async replayed(
    { from, to, pool, after }: Replaying,
    call: OperationCall,
    dryRun: boolean,
  ): Promise<ReplayView> {
    const [fromMs, toMs] = [msOf(from), msOf(to)];
    if (fromMs >= toMs)
      throw invalidField('to', 'must be later than from: it is the first day that is not in it any more');
    if (pool === undefined) seesWholeInstance(call.actor);
    const poolId = pool === undefined ? undefined : (await this.named.pool(pool, call)).id;
    const position = positionOf(after);
    const part = await this.replays.replay(
      { fromMs, toMs, ...(poolId === undefined ? {} : { poolId }) },
      { dryRun, forMs: REPLAY_MS, ...(position === undefined ? {} : { after: position }) },
    );
    return replayViewOf(part, part.next && textsCursor([String(part.next.range), part.next.id]));
  }
}

function positionOf(after: string | undefined): ReplayPosition | undefined {
  const [range, id] = textsAt(after, CURSOR) ?? [];
  return id === undefined ? undefined : { range: Number(range), id };
}

const importWords = ({
  version,
  models,
  added,
  changed,
  removed,
  imported,
}: z.output<typeof priceImportView>): string =>
  imported
    ? `Prices of ${version} would hold: ${models} models; ${added} new, ${changed} changed, ${removed} gone.`
    : `Prices of ${version} are known already.`;

const replayWords = ({ calls, changed, next }: ReplayView): string =>
  `${changed} of ${calls} calls would cost something else${next === undefined ? '' : ', as far as was looked'}.`;

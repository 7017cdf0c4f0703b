import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { OpenCalls } from '../../accounting/index.js';
import { LEDGER_FILTER, LedgerFilters } from '../ledger-filters.service.js';
import { operation, OperationSet, type Operation } from '../operation.js';
import { keysetCursor, keysetPosition, PAGE_INPUT } from '../page.js';
import { streamCountsView, streamCountsViewOf, streamListView, streamViewOf } from '../views/stream-view.js';

/** What is being served now, over all replicas. */
@Injectable()
export class StreamOperations extends OperationSet {
  constructor(
    private readonly calls: OpenCalls,
    private readonly filters: LedgerFilters,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'streams.list',
      summary: 'Calls that are not over, of all replicas, the newest first',
      method: 'GET',
      path: '/streams',
      scope: 'read',
      input: z.object({ ...LEDGER_FILTER, ...PAGE_INPUT }),
      output: streamListView,
      run: async ({ limit, after, ...asked }, { actor, nowMs }) => {
        const names = await this.filters.names(actor);
        const from = keysetPosition(after);
        const position = from && { receivedAt: from.at, id: from.id };
        const { calls, next } = await this.calls.page(this.filters.of(asked, names, actor), limit, position);
        return {
          at: new Date(nowMs).toISOString(),
          items: calls.map((call) => streamViewOf(call, names.pool(call.poolId))),
          ...(next === undefined ? {} : { next: keysetCursor({ at: next.receivedAt, id: next.id }) }),
        };
      },
    }),
    operation({
      name: 'streams.counts',
      summary: 'How many calls are open now: by Pool, by key and by account',
      method: 'GET',
      path: '/streams/counts',
      scope: 'read',
      input: z.object({ ...LEDGER_FILTER }),
      output: streamCountsView,
      run: async (asked, { actor }) => {
        const names = await this.filters.names(actor);
        const counts = await this.calls.counts(this.filters.of(asked, names, actor));
        return streamCountsViewOf(counts, names.pool);
      },
    }),
  ];
}

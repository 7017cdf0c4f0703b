import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RequestLogService } from '../../accounting/index.js';
import { noCall } from '../control-error.js';
import { instant, msOrNone } from '../instants.js';
import { LEDGER_FILTER, LedgerFilters, poolsOf } from '../ledger-filters.service.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { keysetCursor, keysetPosition, pageOf, PAGE_INPUT } from '../page.js';
import { said } from '../said.js';
import {
  REQUEST_STATUSES,
  requestDetailView,
  requestDetailViewOf,
  requestView,
  requestViewOf,
} from '../views/request-view.js';

const MAX_CALLS = 500;
const word = z.string().min(1).max(200);

const listing = z.object({
  ...LEDGER_FILTER,
  account: word.optional().describe('that this account was asked for, whether it served it or not: its label or id'),
  status: z.enum(REQUEST_STATUSES).optional(),
  errorCode: word.optional().describe('that ended with this error'),
  model: word.optional().describe('that asked for this model'),
  since: instant.optional().describe('that came then or later'),
  until: instant.optional().describe('that came before'),
  ...PAGE_INPUT,
  limit: z.int().min(1).max(MAX_CALLS).default(50).describe('how many at most'),
});

/** Calls as they are remembered: metadata, tokens and cost. */
@Injectable()
export class RequestOperations extends OperationSet {
  constructor(
    private readonly log: RequestLogService,
    private readonly filters: LedgerFilters,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'requests.list',
      summary: 'Calls, the newest first',
      method: 'GET',
      path: '/requests',
      scope: 'read',
      input: listing,
      output: pageOf(requestView),
      run: (asked, call) => this.page(asked, call),
    }),
    operation({
      name: 'requests.get',
      summary: 'One call: its attempts, what it used and cost, and why it went where it went',
      method: 'GET',
      path: '/requests/{request}',
      scope: 'read',
      input: z.object({ request: word.describe('its id, or the x-request-id that the client saw') }),
      output: requestDetailView,
      run: async ({ request: id }, { actor }) => {
        const request = await this.log.find(id, poolsOf(actor));
        if (request === undefined) throw noCall();
        return requestDetailViewOf(request, (await this.filters.names(actor)).pool(request.poolId));
      },
    }),
  ];

  private async page(asked: z.output<typeof listing>, { actor }: OperationCall) {
    const names = await this.filters.names(actor);
    const { status: outcome, errorCode, model, since, until } = asked;
    const span = { sinceMs: msOrNone(since), untilMs: msOrNone(until) };
    const filter = said({ ...this.filters.of(asked, names, actor), outcome, errorCode, model, ...span });
    const after = keysetPosition(asked.after);
    const position = after && { receivedAt: after.at, id: after.id };
    const { requests, next } = await this.log.page(filter, asked.limit, position);
    return {
      items: requests.map((request) => requestViewOf(request, names.pool(request.poolId))),
      ...(next === undefined ? {} : { next: keysetCursor({ at: next.receivedAt, id: next.id }) }),
    };
  }
}

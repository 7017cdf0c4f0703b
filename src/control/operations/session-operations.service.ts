import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RecentSessions, type RecentSession, type SessionPosition } from '../../accounting/index.js';
import type { AccountId } from '../../core/index.js';
import { SessionHomes } from '../../routing/index.js';
import { isExactTime } from '../instants.js';
import { LEDGER_FILTER, LedgerFilters } from '../ledger-filters.service.js';
import type { LedgerNames } from '../ledger-names.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { PAGE_INPUT } from '../page.js';
import { textsAt, textsCursor } from '../texts-cursor.js';
import { sessionListView, type SessionView } from '../views/session-view.js';

const MINUTE_MS = 60_000;
/** So long a session is remembered after its last call. */
const DAY_MINUTES = 1_440;
/** When the first page was asked for, and where the last one ended. */
const CURSOR = [/^\d{1,15}$/, /^\d{1,15}$/, { test: isExactTime }, /^[0-9a-f]{64}$/];
const ID_LENGTH = 16;

const listing = z.object({
  ...LEDGER_FILTER,
  account: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('whose last call this account was asked for: its label or id'),
  minutes: z.int().min(1).max(DAY_MINUTES).default(60).describe('with calls in so many last minutes'),
  ...PAGE_INPUT,
});
/** Sessions of clients, and the accounts that they are with. */
@Injectable()
export class SessionOperations extends OperationSet {
  constructor(
    private readonly sessions: RecentSessions,
    private readonly homes: SessionHomes,
    private readonly filters: LedgerFilters,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'sessions.list',
      summary: 'Sessions with calls lately, of all replicas, and the accounts that they are with',
      method: 'GET',
      path: '/sessions',
      scope: 'read',
      input: listing,
      output: sessionListView,
      run: (asked, call) => this.page(asked, call),
    }),
  ];

  private async page({ minutes, limit, after, ...asked }: z.output<typeof listing>, { actor, nowMs }: OperationCall) {
    const names = await this.filters.names(actor);
    const { span, position } = continued(after) ?? { span: { sinceMs: nowMs - minutes * MINUTE_MS, untilMs: nowMs } };
    const filter = this.filters.of(asked, names, actor);
    const { sessions, next } = await this.sessions.page(span, filter, limit, position);
    const homes = await this.homes.of(sessions.map(({ digest }) => digest));
    return {
      items: sessions.map((session, at) => sessionViewOf(session, homes[at], names)),
      ...(next === undefined
        ? {}
        : { next: textsCursor([String(span.sinceMs), String(span.untilMs), next.lastCallAt, next.ref]) }),
      at: new Date(nowMs).toISOString(),
      reach: this.homes.reach,
    };
  }
}

function continued(after: string | undefined) {
  const [since, until, lastCallAt = '', ref = ''] = textsAt(after, CURSOR) ?? [];
  if (since === undefined) return undefined;
  const position: SessionPosition = { lastCallAt, ref };
  return { span: { sinceMs: Number(since), untilMs: Number(until) }, position };
}

const sessionViewOf = (session: RecentSession, home: AccountId | undefined, names: LedgerNames): SessionView => ({
  id: session.ref.slice(0, ID_LENGTH),
  poolId: session.poolId,
  pool: names.pool(session.poolId),
  keyId: session.keyId,
  keyLabel: session.keyLabel,
  homeId: home ?? null,
  home: home === undefined ? null : names.account(home),
  accountId: session.accountId,
  account: session.accountLabel,
  model: session.model,
  calls: session.calls,
  openCalls: session.openCalls,
  firstCallAt: session.firstCallAt.toISOString(),
  lastCallAt: session.lastCallAt.toISOString(),
});

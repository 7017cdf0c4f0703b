import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { callIdFloor, type AccountId, type KeyId, type PoolId } from '../core/index.js';
import { loggedRequest, type LoggedRequest, type LoggedRow } from './logged-request.js';
import { requestPage, type RequestFilter, type RequestPosition } from './request-query.js';

/** To the microsecond, which a `Date` is not. */
const RECEIVED_AT = `to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** @param id of the call: where it is known, Postgres plans for its partitions alone */
const select = (id = 'request.id') => `
  SELECT request.*, ${RECEIVED_AT} AS received_at_text,
         (SELECT coalesce(json_agg(attempt ORDER BY attempt.number), '[]')
            FROM attempt WHERE attempt.request_id = ${id}) AS attempts,
         (SELECT row_to_json(ledger_entry) FROM ledger_entry WHERE ledger_entry.call_id = ${id}) AS ledger,
         (SELECT row_to_json(cost_correction) FROM cost_correction
           WHERE cost_correction.call_id = ${id} ORDER BY cost_correction.id DESC LIMIT 1) AS correction
    FROM request`;

export interface RequestPage {
  readonly requests: readonly LoggedRequest[];
  /** Where the next page goes on; absent: this is the last one. */
  readonly next?: RequestPosition;
}

/** No call is under way for longer: older partitions are not looked into. */
const LONGEST_CALL_MS = 86_400_000;

const LAST_ACCOUNT = `
  SELECT account_id FROM ledger_entry
   WHERE key_id = $1 AND occurred_at > $2 AND outcome = 'succeeded' AND call_id >= $3
   ORDER BY occurred_at DESC LIMIT 1`;

/**
 * Those of a call's attempts that failed over are not settled before the call is: only its last one is under way. Call
 * by call: Postgres does not know that they are few, and would read all attempts that there are.
 */
const OPEN_CALLS = `
  SELECT last.account_id, count(*)::int AS calls
    FROM request, LATERAL (SELECT account_id FROM attempt
                            WHERE attempt.request_id = request.id ORDER BY number DESC LIMIT 1) AS last
   WHERE request.status = 'in_flight' AND ($1::uuid[] IS NULL OR request.pool_id = ANY($1))
   GROUP BY last.account_id`;

/**
 * Calls of that name first, and of those the newest: `OFFSET 0` keeps Postgres from going through all calls from the
 * newest on, until one is of that name.
 */
const NEWEST_OF_NAME = `
  SELECT id FROM (SELECT id, received_at, pool_id FROM request WHERE request_id = $1 OFFSET 0) AS named
   WHERE $2::uuid[] IS NULL OR pool_id = ANY($2)
   ORDER BY received_at DESC LIMIT 1`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads calls back: each with its attempts and its ledger entry. */
@Injectable()
export class RequestLogService {
  constructor(private readonly database: DataSource) {}

  /**
   * By call id, else by what the client saw as `x-request-id`; the newest when several calls share that one.
   *
   * @param poolIds what is none of theirs is not known
   */
  async find(id: string, poolIds?: readonly PoolId[]): Promise<LoggedRequest | undefined> {
    const byCall = UUID.test(id) ? await this.byCall(id) : undefined;
    if (byCall && (poolIds === undefined || poolIds.includes(byCall.poolId))) return byCall;
    const [named] = await this.database.query<{ id: string }[]>(NEWEST_OF_NAME, [id, poolIds ?? null]);
    return named && this.byCall(named.id);
  }

  /** Newest first. */
  async recent(poolId: PoolId, limit: number): Promise<LoggedRequest[]> {
    const rows = await this.database.query<LoggedRow[]>(
      `${select()} WHERE pool_id = $1 ORDER BY received_at DESC, id LIMIT $2`,
      [poolId, limit],
    );
    return rows.map(loggedRequest);
  }

  /** The calls that fit, newest first; a call that comes meanwhile moves no other to another page. */
  async page(filter: RequestFilter, limit: number, after?: RequestPosition): Promise<RequestPage> {
    const { text, values } = requestPage(filter, after, limit + 1);
    const rows = await this.database.query<LoggedRow[]>(`${select()} ${text}`, values);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const more = rows.length > limit && last ? { next: { receivedAt: last.received_at_text, id: last.id } } : {};
    return { requests: shown.map(loggedRequest), ...more };
  }

  /** The account that last served a key, if that ended after this time. */
  async lastAccount(keyId: KeyId, sinceMs: number): Promise<AccountId | undefined> {
    const [row] = await this.database.query<{ account_id: AccountId | null }[]>(LAST_ACCOUNT, [
      keyId,
      new Date(sinceMs),
      callIdFloor(sinceMs - LONGEST_CALL_MS),
    ]);
    return row?.account_id ?? undefined;
  }

  /** How many calls each account is serving, over all processes. */
  async openCalls(poolIds?: readonly PoolId[]): Promise<ReadonlyMap<AccountId, number>> {
    const rows = await this.database.query<{ account_id: AccountId; calls: number }[]>(OPEN_CALLS, [poolIds ?? null]);
    return new Map(rows.map(({ account_id, calls }) => [account_id, calls]));
  }

  private async byCall(id: string): Promise<LoggedRequest | undefined> {
    const [row] = await this.database.query<LoggedRow[]>(`${select('$1')} WHERE id = $1`, [id]);
    return row && loggedRequest(row);
  }
}

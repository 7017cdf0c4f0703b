import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { loggedRequest, type LoggedRequest, type LoggedRow } from './logged-request.js';

const SELECT = `
  SELECT request.*,
         (SELECT coalesce(json_agg(attempt ORDER BY attempt.number), '[]')
            FROM attempt WHERE attempt.request_id = request.id) AS attempts,
         (SELECT row_to_json(ledger_entry) FROM ledger_entry WHERE ledger_entry.call_id = request.id) AS ledger
    FROM request`;

const LAST_ACCOUNT = `
  SELECT account_id FROM ledger_entry
   WHERE key_id = $1 AND occurred_at > $2 AND outcome = 'succeeded'
   ORDER BY occurred_at DESC LIMIT 1`;

/** Those of a call's attempts that failed over are not settled before the call is: only its last one is under way. */
const OPEN_CALLS = `
  SELECT account_id, count(*)::int AS calls
    FROM (SELECT DISTINCT ON (request.id) attempt.account_id
            FROM request JOIN attempt ON attempt.request_id = request.id
           WHERE request.status = 'in_flight'
           ORDER BY request.id, attempt.number DESC) AS last
   GROUP BY account_id`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads calls back: each with its attempts and its ledger entry. */
@Injectable()
export class RequestLogService {
  constructor(private readonly database: DataSource) {}

  /** By call id, else by what the client saw as `x-request-id`; the newest when several calls share that one. */
  async find(id: string): Promise<LoggedRequest | undefined> {
    const byCall = UUID.test(id) ? await this.first('WHERE id = $1', id) : undefined;
    return byCall ?? this.first('WHERE request_id = $1 ORDER BY received_at DESC LIMIT 1', id);
  }

  /** Newest first. */
  async recent(poolId: PoolId, limit: number): Promise<LoggedRequest[]> {
    const rows = await this.database.query<LoggedRow[]>(
      `${SELECT} WHERE pool_id = $1 ORDER BY received_at DESC, id LIMIT $2`,
      [poolId, limit],
    );
    return rows.map(loggedRequest);
  }

  /** The account that last served a key, if that ended after this time. */
  async lastAccount(keyId: KeyId, sinceMs: number): Promise<AccountId | undefined> {
    const [row] = await this.database.query<{ account_id: AccountId | null }[]>(LAST_ACCOUNT, [
      keyId,
      new Date(sinceMs),
    ]);
    return row?.account_id ?? undefined;
  }

  /** How many calls each account is serving, over all processes. */
  async openCalls(): Promise<ReadonlyMap<AccountId, number>> {
    const rows = await this.database.query<{ account_id: AccountId; calls: number }[]>(OPEN_CALLS);
    return new Map(rows.map(({ account_id, calls }) => [account_id, calls]));
  }

  private async first(which: string, id: string): Promise<LoggedRequest | undefined> {
    const [row] = await this.database.query<LoggedRow[]>(`${SELECT} ${which}`, [id]);
    return row && loggedRequest(row);
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, CallId, KeyId, PoolId } from '../core/index.js';
import type { Transport } from './call-intent.js';
import type { RequestPosition } from './request-query.js';

/** Which calls; whatever is absent does not matter. */
export interface OpenCallFilter {
  readonly poolIds?: readonly PoolId[];
  readonly keyId?: KeyId;
  /** That serves it now. */
  readonly accountId?: AccountId;
}

/** A call that is not over. */
export interface OpenCall {
  readonly callId: CallId;
  readonly requestId: string;
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  readonly dialect: string;
  readonly route: string;
  readonly transport: Transport;
  readonly model: string;
  readonly receivedAt: Date;
  /** Who was asked last; null: nobody yet. */
  readonly accountId: AccountId | null;
  readonly accountLabel: string | null;
  /** How many were asked. */
  readonly attempts: number;
  /** The machine of the process that serves it, and when that process was last heard of; null: never, or it ended. */
  readonly host: string | null;
  readonly heartbeatAt: Date | null;
}

/** How many calls are open of one key with one account. */
export interface OpenCallCount {
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  readonly accountId: AccountId | null;
  readonly accountLabel: string | null;
  readonly calls: number;
}

export interface OpenCallPage {
  readonly calls: readonly OpenCall[];
  readonly next?: RequestPosition;
}

/** Those that failed over are not settled before the call is: only the last attempt of a call is under way. */
const OPEN = `
    FROM request
    LEFT JOIN LATERAL (SELECT account_id, account_label, number FROM attempt
                        WHERE attempt.request_id = request.id ORDER BY number DESC LIMIT 1) AS last ON true
    LEFT JOIN gateway_process AS process ON process.id = request.process_id
   WHERE request.status = 'in_flight'
     AND ($1::uuid[] IS NULL OR request.pool_id = ANY($1))
     AND ($2::uuid IS NULL OR request.key_id = $2)
     AND ($3::uuid IS NULL OR last.account_id = $3)`;

const PAGE = `
  SELECT request.id AS "callId", request.request_id AS "requestId", request.pool_id AS "poolId",
         request.key_id AS "keyId", request.key_label AS "keyLabel", request.dialect, request.route, request.transport,
         request.model, request.received_at AS "receivedAt", last.account_id AS "accountId",
         last.account_label AS "accountLabel", coalesce(last.number, 0) AS attempts, process.host,
         process.heartbeat_at AS "heartbeatAt",
         to_char(request.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "receivedAtText"
    ${OPEN}
     AND ($4::timestamptz IS NULL OR (request.received_at, request.id) < ($4, $5::uuid))
   ORDER BY request.received_at DESC, request.id DESC LIMIT $6`;

const COUNTS = `
  SELECT request.pool_id AS "poolId", request.key_id AS "keyId", max(request.key_label) AS "keyLabel",
         last.account_id AS "accountId", max(last.account_label) AS "accountLabel", count(*)::int AS calls
    ${OPEN}
   GROUP BY 1, 2, 4`;

const values = ({ poolIds, keyId, accountId }: OpenCallFilter): unknown[] => [
  poolIds ?? null,
  keyId ?? null,
  accountId ?? null,
];

/** What is being served now, over all processes: the calls that were written down and have no end yet. */
@Injectable()
export class OpenCalls {
  constructor(private readonly database: DataSource) {}

  /** Newest first; a call that comes or ends meanwhile moves no other to another page. */
  async page(filter: OpenCallFilter, limit: number, after?: RequestPosition): Promise<OpenCallPage> {
    const position = [after?.receivedAt ?? null, after?.id ?? null, limit + 1];
    const rows = await this.database.query<(OpenCall & { receivedAtText: string })[]>(PAGE, [
      ...values(filter),
      ...position,
    ]);
    const calls = rows.slice(0, limit);
    const last = rows.length > limit ? calls.at(-1) : undefined;
    return { calls, ...(last && { next: { receivedAt: last.receivedAtText, id: last.callId } }) };
  }

  counts(filter: OpenCallFilter): Promise<OpenCallCount[]> {
    return this.database.query<OpenCallCount[]>(COUNTS, values(filter));
  }
}

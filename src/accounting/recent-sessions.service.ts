import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';

/** Which sessions; whatever is absent does not matter. */
export interface SessionFilter {
  readonly poolIds?: readonly PoolId[];
  readonly keyId?: KeyId;
  /** That was asked for its last call. */
  readonly accountId?: AccountId;
}

/** The calls that are looked at: Unix time in milliseconds, from the first inclusive to the second exclusive. */
export interface SessionSpan {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A session of some client, as its calls of a span of time show it. */
export interface RecentSession {
  readonly digest: Buffer;
  /** Tells it apart, and does not give the digest away. Hexadecimal. */
  readonly ref: string;
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  readonly firstCallAt: Date;
  readonly lastCallAt: Date;
  readonly calls: number;
  readonly openCalls: number;
  /** Of its last call. */
  readonly model: string;
  /** Who was asked for its last call; null: nobody, or that is not kept any more. */
  readonly accountId: AccountId | null;
  readonly accountLabel: string | null;
}

/** A page ended with this session. */
export interface SessionPosition {
  /** ISO 8601, as exact as the database has it. */
  readonly lastCallAt: string;
  readonly ref: string;
}

export interface SessionPage {
  readonly sessions: readonly RecentSession[];
  readonly next?: SessionPosition;
}

const SESSIONS = `
  WITH recent AS (
    SELECT session_digest, (array_agg(pool_id))[1] AS pool_id, (array_agg(key_id))[1] AS key_id,
           count(*)::int AS calls, (count(*) FILTER (WHERE status = 'in_flight'))::int AS open,
           min(received_at) AS first_at, max(received_at) AS last_at,
           (array_agg(id ORDER BY received_at DESC, id DESC))[1] AS last_id
      FROM request
     WHERE received_at >= to_timestamp($1::float8 / 1000) AND received_at < to_timestamp($2::float8 / 1000)
       AND session_digest IS NOT NULL
       AND ($3::uuid[] IS NULL OR pool_id = ANY($3))
       AND ($4::uuid IS NULL OR key_id = $4)
     GROUP BY session_digest)
  SELECT recent.session_digest AS digest, encode(sha256(recent.session_digest), 'hex') AS ref,
         recent.pool_id AS "poolId", recent.key_id AS "keyId",
         newest.key_label AS "keyLabel", recent.first_at AS "firstCallAt", recent.last_at AS "lastCallAt",
         recent.calls, recent.open AS "openCalls", newest.model, last.account_id AS "accountId",
         last.account_label AS "accountLabel",
         to_char(recent.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "lastCallAtText"
    FROM recent
    JOIN LATERAL (SELECT key_label, model FROM request WHERE request.id = recent.last_id) AS newest ON true
    LEFT JOIN LATERAL (SELECT account_id, account_label FROM attempt
                        WHERE attempt.request_id = recent.last_id ORDER BY number DESC LIMIT 1) AS last ON true
   WHERE ($5::uuid IS NULL OR last.account_id = $5)
     AND ($6::timestamptz IS NULL OR (recent.last_at, sha256(recent.session_digest)) < ($6, decode($7, 'hex')))
   ORDER BY recent.last_at DESC, sha256(recent.session_digest) DESC LIMIT $8`;

/** The sessions that calls were of, over all processes. What clients call them is not kept. */
@Injectable()
export class RecentSessions {
  constructor(private readonly database: DataSource) {}

  /** That with the newest call first. Of one span of time pages fit together, whatever calls come meanwhile. */
  async page(
    { sinceMs, untilMs }: SessionSpan,
    { poolIds, keyId, accountId }: SessionFilter,
    limit: number,
    after?: SessionPosition,
  ): Promise<SessionPage> {
    const rows = await this.database.query<(RecentSession & { lastCallAtText: string })[]>(SESSIONS, [
      ...[sinceMs, untilMs, poolIds ?? null, keyId ?? null, accountId ?? null],
      ...[after?.lastCallAt ?? null, after?.ref ?? null, limit + 1],
    ]);
    const sessions = rows.slice(0, limit);
    const last = rows.length > limit ? sessions.at(-1) : undefined;
    return {
      sessions,
      ...(last && { next: { lastCallAt: last.lastCallAtText, ref: last.ref } }),
    };
  }
}

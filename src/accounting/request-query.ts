import type { AccountId, KeyId, PoolId } from '../core/index.js';
import type { RequestStatus } from './request.entity.js';

/** Which calls; whatever is absent does not matter. */
export interface RequestFilter {
  readonly poolId?: PoolId;
  /** Of none but these. */
  readonly poolIds?: readonly PoolId[];
  readonly keyId?: KeyId;
  /** One that was asked for the call, whether it served it or not; for as long as attempts are kept. */
  readonly accountId?: AccountId;
  readonly outcome?: RequestStatus;
  readonly errorCode?: string;
  /** That was asked for, exactly so. */
  readonly model?: string;
  /** When they came: Unix time in milliseconds, from the first inclusive to the second exclusive. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** A page ended with this call: the next one goes on after it. */
export interface RequestPosition {
  /** ISO 8601, as exact as the database has it. */
  readonly receivedAt: string;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/;

export const cursorOf = ({ receivedAt, id }: RequestPosition): string =>
  Buffer.from(`${receivedAt} ${id}`).toString('base64url');

/** @returns undefined when nobody made this cursor */
export function positionOf(cursor: string): RequestPosition | undefined {
  const [receivedAt = '', id = '', ...more] = Buffer.from(cursor, 'base64url').toString().split(' ');
  return more.length === 0 && TIME.test(receivedAt) && UUID.test(id) ? { receivedAt, id } : undefined;
}

type Condition = (parameter: string) => string;

const CONDITIONS: Readonly<Record<keyof RequestFilter, Condition>> = {
  poolId: (value) => `request.pool_id = ${value}`,
  poolIds: (value) => `request.pool_id = ANY(${value}::uuid[])`,
  keyId: (value) => `request.key_id = ${value}`,
  accountId: (value) =>
    `EXISTS (SELECT FROM attempt WHERE attempt.account_id = ${value} AND attempt.request_id = request.id)`,
  outcome: (value) => `request.status = ${value}`,
  errorCode: (value) => `request.error_code = ${value}`,
  model: (value) => `request.model = ${value}`,
  sinceMs: (value) => `request.received_at >= to_timestamp(${value}::float8 / 1000)`,
  untilMs: (value) => `request.received_at < to_timestamp(${value}::float8 / 1000)`,
};

/** The end of a statement that selects from `request`: newest first, in an order that no two calls share. */
export function requestPage(
  filter: RequestFilter,
  after: RequestPosition | undefined,
  limit: number,
): { readonly text: string; readonly values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${String(values.push(value))}`;
  const conditions = (Object.keys(CONDITIONS) as (keyof RequestFilter)[])
    .filter((name) => filter[name] !== undefined)
    .map((name) => CONDITIONS[name](parameter(filter[name])));
  if (after) {
    const from = `(${parameter(after.receivedAt)}::timestamptz, ${parameter(after.id)}::uuid)`;
    conditions.push(`(request.received_at, request.id) < ${from}`);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return { text: `${where} ORDER BY received_at DESC, id DESC LIMIT ${parameter(limit)}`, values };
}

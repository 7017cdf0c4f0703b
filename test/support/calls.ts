import { eventually } from './eventually.js';
import type { LedgerRow, TestGateway } from './gateway.js';

/** One row of `attempt`. Columns as in the database. */
export type AttemptRow = Readonly<Record<string, unknown>>;

export interface SeenEvent {
  readonly type?: string;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The events of a stream whose every `data:` line is one. */
export const eventsIn = (text: string): SeenEvent[] =>
  text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as SeenEvent);

export const typesIn = (text: string): (string | undefined)[] => eventsIn(text).map(({ type }) => type);

const requestIdOf = ({ headers }: Response): string => headers.get('x-request-id') ?? '';

/** What the ledger says of the call that was answered with this, as soon as it is settled. */
export function settlementOf(gateway: TestGateway, answer: Response): Promise<LedgerRow> {
  return eventually(async () => {
    const row = await gateway.settled(requestIdOf(answer));
    if (row === undefined) throw new Error('The call is not settled.');
    return row;
  });
}

/** The attempts of a call, first to last. */
export const attemptsOf = (gateway: TestGateway, { id }: LedgerRow): Promise<AttemptRow[]> =>
  gateway.database().query<AttemptRow[]>('SELECT * FROM attempt WHERE request_id = $1 ORDER BY number', [id]);

/** Status and parsed body of an answer that is JSON. */
export async function jsonOf(answer: Response): Promise<{ status: number; body: Record<string, unknown> }> {
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

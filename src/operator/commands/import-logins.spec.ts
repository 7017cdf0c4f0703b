import { ControlError, type ImportedView } from '../../control/index.js';
import type { OperationsClient } from '../client/operations-client.js';
import { importLogins, type ImportRow } from './import-logins.js';

type Outcome = Pick<ImportedView, 'outcome' | 'proof'> | ControlError;

/** One run against a gateway that answers in this order. */
async function imported(outcomes: readonly Outcome[], labels: readonly string[], prove = true) {
  const asked: Record<string, unknown>[] = [];
  const answers = [...outcomes];
  const operations = {
    ask: async (_: string, input: Record<string, unknown>) => {
      asked.push(input);
      const answer = answers.shift();
      if (answer instanceof ControlError) throw answer;
      return { ...answer, account: { label: input['label'] } };
    },
  } as unknown as OperationsClient;
  const logins = labels.map((label) => ({ file: `${label}.json`, label, text: label === 'gone' ? undefined : '{}' }));
  const rows: ImportRow[] = [];
  const over = (async () => {
    for await (const row of importLogins(operations, logins, { pool: 'default', prove })) rows.push(row);
  })();
  const error = await over.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { asked, rows, error };
}

const created = { outcome: 'created', proof: 'proven' } as const;
const refused = new ControlError('unprocessable', 'It is dead.', [], 'login_dead');

describe('several logins that are imported', () => {
  it('each have their own end, and none stops another', async () => {
    const { rows, error } = await imported([created, refused, created], ['a', 'b', 'gone', 'c']);
    expect(error).toBeUndefined();
    expect(rows.map(({ file, result, reason }) => [file, result, reason])).toEqual([
      ['a.json', 'created', undefined],
      ['b.json', 'refused', 'login_dead'],
      ['gone.json', 'refused', 'unreadable'],
      ['c.json', 'created', undefined],
    ]);
    expect(rows[1]).toMatchObject({ message: 'It is dead.' });
  });

  it('do not all wait for a login server that is away', async () => {
    const outcomes: Outcome[] = [
      { outcome: 'created', proof: 'unproven' },
      { outcome: 'updated', proof: 'unasked' },
      { outcome: 'unchanged', proof: 'unasked' },
    ];
    const { asked, rows } = await imported(outcomes, ['x', 'y', 'z']);
    expect(asked.map(({ prove }) => prove)).toEqual([true, false, false]);
    expect(rows.map(({ proof }) => proof)).toEqual(['unproven', 'unproven', 'unasked']);
  });

  it('are not proven when nobody wants that', async () => {
    const { asked, rows } = await imported([{ outcome: 'created', proof: 'unasked' }], ['x'], false);
    expect([asked[0]?.['prove'], rows[0]?.proof]).toEqual([false, 'unasked']);
  });

  it('end with what meets all of them', async () => {
    const missing = new ControlError('not_found', 'There is no Pool "default".');
    const { rows, error } = await imported([created, missing], ['a', 'b', 'c']);
    expect([rows.length, error]).toEqual([1, missing]);
  });
});

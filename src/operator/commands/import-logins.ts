import { ControlError, importedView, type ImportedView } from '../../control/index.js';
import type { OperationsClient } from '../client/operations-client.js';

/** One login of several, by the label that its account is to have. */
export interface LoginFile {
  readonly file: string;
  readonly label: string;
  /** `undefined` when it could not be read. */
  readonly text: string | undefined;
}

interface Place {
  readonly pool: string;
  readonly priority?: number;
  readonly prove: boolean;
}

export interface ImportRow {
  readonly file: string;
  readonly label: string;
  readonly result: ImportedView['outcome'] | 'refused';
  readonly proof: ImportedView['proof'] | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/**
 * Take over several logins, each for itself. Once the login server could not be asked it is not asked again.
 *
 * @throws ControlError what is not the fault of one login; so does whoever cannot be reached
 */
export async function* importLogins(
  operations: Pick<OperationsClient, 'ask'>,
  logins: readonly LoginFile[],
  { prove, ...place }: Place,
): AsyncGenerator<ImportRow> {
  let away = false;
  for (const { file, label, text } of logins) {
    if (text === undefined) {
      yield { file, ...refused(label, 'unreadable', 'The file cannot be read.') };
      continue;
    }
    const asked: object = { ...place, label, authJson: text, prove: prove && !away };
    const row: Omit<ImportRow, 'file'> = await operations
      .ask('accounts.import', asked, importedView)
      .then(taken, (thrown: unknown) => {
        // A refusal without a reason of its own would meet all the others as well.
        if (thrown instanceof ControlError && thrown.reason !== undefined) {
          return refused(label, thrown.reason, thrown.message);
        }
        throw thrown;
      });
    const isUnasked = prove && away && row.result !== 'refused' && row.result !== 'unchanged';
    yield { file, ...row, ...(isUnasked ? { proof: 'unproven' as const } : {}) };
    away ||= row.proof === 'unproven';
  }
}

const taken = ({ outcome, proof, account: { label } }: ImportedView): Omit<ImportRow, 'file'> => ({
  label,
  result: outcome,
  proof,
  reason: undefined,
  message: undefined,
});

const refused = (label: string, reason: string, message: string): Omit<ImportRow, 'file'> => ({
  label,
  result: 'refused',
  proof: undefined,
  reason,
  message,
});

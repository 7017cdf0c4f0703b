import { AccountLabelRefused } from '../account-label-refused.js';
import { AuthJsonRejected, type AuthJsonReason } from '../auth-json-rejected.js';
import { AccountRefused, type AccountRefusal } from './account-refused.js';

/** Why a login did not become an account. */
export interface ImportRefusal {
  /** `failed`: it is not the login's fault. */
  readonly reason: AuthJsonReason | AccountRefusal | 'label_invalid' | 'label_taken' | 'unreadable' | 'failed';
  /** For the operator. Quotes nothing of the login. */
  readonly message: string;
}

export const UNREADABLE = { reason: 'unreadable', message: 'The file cannot be read.' } as const;

export function importRefusal(thrown: unknown): ImportRefusal {
  if (thrown instanceof AuthJsonRejected || thrown instanceof AccountRefused) {
    return { reason: thrown.reason, message: thrown.message };
  }
  if (thrown instanceof AccountLabelRefused) return { reason: `label_${thrown.reason}`, message: thrown.message };
  return { reason: 'failed', message: 'The login could not be stored.' };
}

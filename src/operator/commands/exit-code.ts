import { ControlError, type ControlErrorCode } from '../../control/index.js';
import { Unreachable } from '../client/unreachable.js';

/** What a command's exit says to scripts. */
export const EXIT = {
  done: 0,
  /** It was understood, and refused or failed. */
  failed: 1,
  /** The command line is not valid. */
  usage: 2,
  /** The gateway, or its database, does not answer: trying again may help. */
  unreachable: 3,
  /** The token is not good, or does not allow this. */
  denied: 4,
} as const;

const BY_CODE: Partial<Record<ControlErrorCode, number>> = {
  unauthorized: EXIT.denied,
  forbidden: EXIT.denied,
  unavailable: EXIT.unreachable,
};
/** Node's names for a connection that did not come about. */
const AWAY = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN'];

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof ControlError) return BY_CODE[thrown.code] ?? EXIT.failed;
  if (thrown instanceof Unreachable) return EXIT.unreachable;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && AWAY.includes(code) ? EXIT.unreachable : EXIT.failed;
}

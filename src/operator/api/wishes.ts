import type { IncomingHttpHeaders } from 'node:http';
import { invalidField, isMatched, type Done, type Operation, type Wishes } from '../../control/index.js';

/** Visible ASCII: it is kept as it is. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * What a request wishes beyond the operation's own input. `dryRun` is a wish only where the operation has no field of
 * that name.
 *
 * @throws ControlError `invalid_input`
 */
export function wishesOf(headers: IncomingHttpHeaders, dryRun: unknown): Wishes {
  const { 'idempotency-key': key, 'if-match': ifMatch } = headers;
  if (key !== undefined && (typeof key !== 'string' || !KEY.test(key))) {
    throw invalidField('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
  }
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false')
    throw invalidField('dryRun', 'must be true or false');
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(dryRun === 'true' ? { dryRun: true } : {}),
  };
}

export const hasDryRunField = ({ input }: Pick<Operation, 'input'>): boolean => Object.hasOwn(input.shape, 'dryRun');

/** Whether the asker has all of it already: `If-None-Match`. */
export const isKnown = ({ 'if-none-match': known }: IncomingHttpHeaders, { version, isVolatile }: Done): boolean =>
  known !== undefined && version !== undefined && isVolatile !== true && isMatched(known, version);

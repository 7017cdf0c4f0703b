import { GatewayError } from '../../core/index.js';

/** Deeper than any schema or content that a model is given, and far from where a walk through it could overflow. */
const MAX_DEPTH = 128;

/**
 * What is walked and written anew must not be nested without end.
 *
 * @throws GatewayError `invalid_request` for JSON that is nested deeper than 128 levels
 */
export function requireShallow(body: object): void {
  let level: object[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new GatewayError('invalid_request', 'The JSON body is nested too deeply.');
    const next: object[] = [];
    for (const holder of level) collectInto(next, holder);
    level = next;
  }
}

/** Without a list of the fields: a body may have a hundred thousand of them. */
function collectInto(found: object[], holder: object): void {
  if (Array.isArray(holder)) {
    for (const value of holder as unknown[]) if (typeof value === 'object' && value !== null) found.push(value);
    return;
  }
  const fields = holder as Readonly<Record<string, unknown>>;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === 'object' && value !== null) found.push(value);
  }
}

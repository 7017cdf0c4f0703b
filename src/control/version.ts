import { hash } from 'node:crypto';
import { z } from 'zod';

/** Views with fields that change by themselves, such as the time of the last use: those are no part of the version. */
export const VOLATILE = z.registry<{ readonly fields: readonly string[] }>();

/**
 * Names the state of a thing: the `ETag` of its representation, in quotes as RFC 9110 wants them.
 *
 * @param told parsed by the view, so that the order of its fields is the view's
 */
export function versionOf(view: z.ZodType, told: unknown): string {
  const ignored = new Set(VOLATILE.get(view)?.fields);
  const text = JSON.stringify(told, (name, value: unknown) => (ignored.has(name) ? undefined : value));
  return `"${hash('sha256', text, 'base64url').slice(0, 22)}"`;
}

/** Whether an `If-Match` names this version: one of its list, or any. */
export const isMatched = (ifMatch: string, version: string): boolean =>
  ifMatch.split(',').some((each) => ['*', version, `W/${version}`].includes(each.trim()));

import { hash } from 'node:crypto';

/** Names the state of a thing: the `ETag` of its representation, in quotes as RFC 9110 wants them. */
export const versionOf = (representation: unknown): string =>
  `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 22)}"`;

/** Whether an `If-Match` names this version: one of its list, or any. */
export const isMatched = (ifMatch: string, version: string): boolean =>
  ifMatch.split(',').some((each) => ['*', version, `W/${version}`].includes(each.trim()));

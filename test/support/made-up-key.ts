import { randomBytes } from 'node:crypto';

/** A Pool API key as the gateway would make one, for seed files. */
export const madeUpKey = (): string =>
  `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;

import type { LoginProof } from '../upstream/index.js';

/** How an import ended, for the operator. */
export const importWords = ({ outcome, proof }: { readonly outcome: string; readonly proof: LoginProof }): string =>
  proof === 'unproven' ? `${outcome}, unproven: the login server could not be asked` : outcome;

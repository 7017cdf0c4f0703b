declare const masked: unique symbol;

/** An address that its owner knows again, and nobody can write to. Made by `maskedEmail` only. */
export type MaskedEmail = string & { readonly [masked]: true };

const SHOWN = 2;

/** The first two characters and the domain: `al***@example.com`. */
export function maskedEmail(email: string | undefined): MaskedEmail | undefined {
  const at = email?.lastIndexOf('@') ?? -1;
  if (email === undefined || at <= 0 || at === email.length - 1) return undefined;
  return `${email.slice(0, Math.min(SHOWN, at))}***${email.slice(at)}` as MaskedEmail;
}

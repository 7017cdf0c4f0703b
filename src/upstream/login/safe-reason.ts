/** Words only: what looks like an id may be a part of a secret that was sent. */
const WORDS = /^[a-z]{1,20}(_[a-z]{1,20}){0,5}$/;

/** A word of the provider's for why it refused, such as `access_denied`, that may be kept and shown. */
export const isSafeReason = (text: string): boolean => WORDS.test(text);

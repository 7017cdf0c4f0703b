const WELL_FORMED = /^[\x21-\x7e]{20,200}$/;

/** The client's own request id when it is fit to be echoed, else ours. It names an answer; it is not unique. */
export const requestIdOf = (header: string | string[] | undefined, generated: string): string =>
  typeof header === 'string' && WELL_FORMED.test(header) ? header : generated;

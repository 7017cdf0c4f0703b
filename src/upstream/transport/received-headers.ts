/** Response headers as the HTTP client gives them. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const MAX_BYTES = 1024;

/** A header's first value. */
export function header(headers: ReceivedHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** What the provider's support asks for. It goes on as `x-oai-request-id`, because `x-request-id` is ours. */
export const requestIdIn = (headers: ReceivedHeaders): string | undefined =>
  header(headers, 'x-oai-request-id') ?? header(headers, 'x-request-id');

/** Of headers that may go on those that are there, and not too long to be what they should be. */
export function shown(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => isShort(entry[1])));
}

const isShort = (value: string | undefined): value is string =>
  value !== undefined && Buffer.byteLength(value) <= MAX_BYTES;

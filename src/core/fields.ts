/** A JSON object of which nothing else is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** `undefined` for everything that is no JSON object: `null`, a list, a bare value. */
export const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** The JSON objects of a list; [] for what is no list. */
export const asFieldsList = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(asFields).filter((item) => item !== undefined) : [];

/** `undefined` for everything but a string that says something. */
export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

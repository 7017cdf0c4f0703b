export type Field = string | number | boolean | null | undefined;

const NUMBER = /^-?\d+(\.\d+)?$/;
/** What spreadsheets take for a formula. Source: OWASP, CSV injection. */
const FORMULA = /^[=+\-@\t\r]/;

const text = (field: Field): string => {
  const plain = field === null || field === undefined ? '' : String(field);
  return FORMULA.test(plain) && !NUMBER.test(plain) ? `'${plain}` : plain;
};

/** One line of CSV without its end; a text that a spreadsheet would run gets an apostrophe. Source: RFC 4180. */
export const delimited = (fields: readonly Field[]): string =>
  fields
    .map(text)
    .map((plain) => (/[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain))
    .join(',');

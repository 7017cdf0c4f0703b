import { Option } from 'commander';
import { delimited, type Field } from './delimited.js';

export const EXPORT_FORMATS = ['table', 'csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const formatOption = (): Option =>
  new Option('--format <format>', 'how it is printed').choices(EXPORT_FORMATS).default('table');

type Exported = Readonly<Record<string, Field>>;
type Out = (text: string) => void;

/** Rows for machines, written as they come: CSV with the names first, or one JSON array. */
export async function exportRows(
  format: 'csv' | 'json',
  names: readonly string[],
  batches: AsyncIterable<readonly Exported[]>,
  out: Out,
): Promise<void> {
  const lines = format === 'csv' ? csvLines(names, batches) : jsonLines(batches);
  for await (const line of lines) out(line);
}

async function* csvLines(
  names: readonly string[],
  batches: AsyncIterable<readonly Exported[]>,
): AsyncGenerator<string> {
  // RFC 4180 ends lines with CR LF; whoever prints adds the LF.
  const head = `${delimited(names)}\r`;
  let isBegun = false;
  for await (const rows of batches) {
    // Not before there is an answer: what was refused leaves no file that looks like one of nothing.
    if (!isBegun) yield head;
    isBegun = true;
    for (const row of rows) yield `${delimited(names.map((name) => row[name]))}\r`;
  }
  if (!isBegun) yield head;
}

/** A comma is written before the next row, so that nobody needs to know which row is the last. */
async function* jsonLines(batches: AsyncIterable<readonly Exported[]>): AsyncGenerator<string> {
  let before: string | undefined;
  let isBegun = false;
  for await (const rows of batches) {
    if (!isBegun) yield '[';
    isBegun = true;
    for (const row of rows) {
      if (before !== undefined) yield `  ${before},`;
      before = JSON.stringify(row);
    }
  }
  if (!isBegun) yield '[';
  if (before !== undefined) yield `  ${before}`;
  yield ']';
}

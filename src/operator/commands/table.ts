type Cell = string | number | boolean | Date | null | undefined;

const shown = (cell: Cell): string => {
  if (cell === null || cell === undefined) return '-';
  return cell instanceof Date ? cell.toISOString() : String(cell);
};

/** Rows as aligned columns under their names; a sentence when there are none. */
export function table(rows: readonly Readonly<Record<string, Cell>>[], empty: string): string {
  const [first] = rows;
  if (!first) return empty;
  const names = Object.keys(first);
  const lines = [names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => shown(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

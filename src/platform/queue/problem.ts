/** `ECONNREFUSED`, `SchemaMigrationRequiredError`, …: for the log. Messages may hold what must not be logged. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

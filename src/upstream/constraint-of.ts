/** The constraint that a statement ran into; drivers put its name on the error. */
export const constraintOf = (error: unknown): unknown =>
  error instanceof Error && 'constraint' in error ? error.constraint : undefined;

const FILE_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** Whether this can be a provider's id of a file: safe in a path, in a log and in a row. */
export const isFileId = (value: unknown): value is string => typeof value === 'string' && FILE_ID.test(value);

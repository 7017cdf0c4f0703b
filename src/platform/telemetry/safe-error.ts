/** What a log line may say of an error: its class, its code, and where it was thrown. Its message may hold anything. */
export interface SafeError {
  readonly type: string;
  readonly code?: string;
  /** Function names and places only, the message cut off. */
  readonly stack?: string;
  readonly cause?: SafeError;
}

const CODE = /^[A-Za-z0-9_.-]{1,80}$/;
const FRAME = /^\s+at .*$/;
const MAX_DEPTH = 4;

/** An error as it may be logged. Messages are left out: drivers and parsers put the offending value into theirs. */
export function safeError(thrown: unknown, depth = 0): SafeError {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const code = (thrown as { code?: unknown }).code;
  const frames = (thrown.stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return {
    type: thrown.name,
    ...(typeof code === 'string' && CODE.test(code) ? { code } : {}),
    ...(frames.length > 0 ? { stack: frames.join('\n') } : {}),
    ...(thrown.cause !== undefined && depth < MAX_DEPTH ? { cause: safeError(thrown.cause, depth + 1) } : {}),
  };
}

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

/** What was made here: the logger asks again for what its caller has asked for already. */
const made = new WeakSet<object>();

/** An error as it may be logged. Messages are left out: drivers and parsers put the offending value into theirs. */
export function safeError(thrown: unknown, depth = 0): SafeError {
  if (isMade(thrown)) return thrown;
  const safe = thrown instanceof Error ? fieldsOf(thrown, depth) : { type: typeof thrown };
  made.add(safe);
  return safe;
}

const isMade = (thrown: unknown): thrown is SafeError =>
  typeof thrown === 'object' && thrown !== null && made.has(thrown);

function fieldsOf(thrown: Error, depth: number): SafeError {
  const code = (thrown as { code?: unknown }).code;
  const frames = (thrown.stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return {
    type: thrown.name,
    ...(typeof code === 'string' && CODE.test(code) ? { code } : {}),
    ...(frames.length > 0 ? { stack: frames.join('\n') } : {}),
    ...(thrown.cause !== undefined && depth < MAX_DEPTH ? { cause: safeError(thrown.cause, depth + 1) } : {}),
  };
}

/** What the provider said about a failure, as far as we act on it. Its message is kept for parsing only. */
export interface ProviderError {
  /** `code`, else `type`, when it is a safe token. */
  readonly code?: string;
  /** Every code and type it gave, nested ones first. */
  readonly tokens: readonly string[];
  readonly param?: string;
  readonly message?: string;
  /** The object that held them, for `resets_at` and its relatives. */
  readonly fields: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const SAFE_TOKEN = /^[A-Za-z0-9_.-]{1,80}$/;

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const token = (value: unknown): value is string => typeof value === 'string' && SAFE_TOKEN.test(value);

/** An error in any of the provider's shapes: `response.error`, `error`, `detail`, or fields at the top. */
export function providerError(json: unknown): ProviderError {
  const top = fields(json) ?? {};
  const nested = [fields(top.response)?.error, top.error, top.detail];
  const named = [top.error, top.detail].filter(token);
  const inner = nested.map(fields).filter((source) => source !== undefined);
  const sources: readonly Fields[] = [...inner, top];
  const own = sources[0] ?? top;
  const codes = sources.map((source) => source.code).filter(token);
  const types = sources.flatMap((source) => (source === top && isEvent(top) ? [] : [source.type])).filter(token);
  const tokens = [...codes, ...types, ...named];
  const code = tokens[0];
  return {
    ...(code === undefined ? {} : { code }),
    tokens,
    ...(typeof own.param === 'string' ? { param: own.param } : {}),
    ...(typeof own.message === 'string' ? { message: own.message } : {}),
    fields: own,
  };
}

/** There `type` is the event's name, not the error's. */
const isEvent = (top: Fields): boolean => top.type === 'error' || String(top.type).startsWith('response.');

import { asFields, asText, GatewayError, type Fields } from '../../core/index.js';
import { asComparable } from '../../stored/index.js';
import { listQuery, type ListQuery } from '../list-page.js';
import { pythonLiteralAsJson } from './stored-python-literal.js';

export interface CompletionQuery extends ListQuery {
  readonly model?: string;
  /** What the completions are to be noted with, as text. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws GatewayError with param `metadata` */
export function completionQuery(query: Fields): CompletionQuery {
  const model = asText(query['model']);
  const metadata = new Map(Object.entries(query).flatMap(([name, value]) => filters(name, value)));
  return { ...listQuery(query), metadata, ...(model === undefined ? {} : { model }) };
}

const NAMED = /^metadata\[(.*)\]$/s;

/** SDKs write `metadata[name]=value`; others one object, as JSON or as Python prints it (T21). */
function filters(name: string, value: unknown): readonly (readonly [string, string])[] {
  const texts = (Array.isArray(value) ? (value as unknown[]) : [value]).filter((text) => typeof text === 'string');
  if (name === 'metadata') {
    return texts.flatMap((text) =>
      Object.entries(objectIn(text)).map(([key, own]) => [key, asComparable(own)] as const),
    );
  }
  const key = NAMED.exec(name)?.[1];
  return key === undefined ? [] : texts.map((text) => [key, text]);
}

function objectIn(text: string): Fields {
  const fields = parsed(text) ?? parsed(pythonLiteralAsJson(text) ?? '');
  if (fields === undefined) {
    throw new GatewayError('invalid_request', 'metadata must be an object', { param: 'metadata' });
  }
  return fields;
}

function parsed(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}

import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';

export type Check = (given: unknown) => boolean;

/** What an item must and may say; anything else is refused. A `null` counts as not said. */
export interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}

export const isString: Check = (given) => typeof given === 'string';
export const isNamed: Check = (given) => (asText(given)?.trim() ?? '') !== '';
export const isObject: Check = (given) => asFields(given) !== undefined;
export const isList =
  (isItem: Check): Check =>
  (given) =>
    Array.isArray(given) && given.every(isItem);

/** What a Codex CLI says of an item beside it; one of its fields is the backend's own. */
const isPassthrough: Check = (given) => {
  const fields = asFields(given);
  return fields !== undefined && !('executed_tool_calls' in fields);
};

export const PASSTHROUGH = 'internal_chat_message_metadata_passthrough';

/** What any item may say. */
export const ANY_ITEM: Readonly<Record<string, Check>> = {
  id: isString,
  metadata: isObject,
  [PASSTHROUGH]: isPassthrough,
};

/**
 * What an item says, without what it left `null`.
 *
 * @param path where the item stands, e.g. `input[3]`
 * @throws GatewayError `invalid_request` with param `input`
 */
export function saidIn(item: Fields, { required, optional }: Shape, path: string): Fields {
  const said = withoutNulls(item);
  for (const name of Object.keys(said)) {
    if (name === 'type') continue;
    const check = own(required, name) ?? own(optional, name);
    if (check === undefined) throw wrong(`${path} has a field that is not known for this type of item`);
    if (!check(said[name])) throw wrong(`${path}.${name} is not valid`);
  }
  for (const name of Object.keys(required)) {
    if (!Object.hasOwn(said, name)) throw wrong(`${path}.${name} is required`);
  }
  return said;
}

function withoutNulls(item: Fields): Fields {
  const isSaid = (value: unknown): boolean => value !== null && value !== undefined;
  if (Object.values(item).every(isSaid)) return item;
  return Object.fromEntries(Object.entries(item).filter(([, value]) => isSaid(value)));
}

/** The error of an item that is not as it must be. */
export const wrong = (message: string) => invalid('input', message);

/** A list of the request's, each entry with its place. @throws GatewayError with param `input` */
export function listAt(given: unknown, path: string): readonly (readonly [entry: Fields, path: string])[] {
  if (!Array.isArray(given)) throw wrong(`${path} must be a list`);
  return given.map((entry, index) => {
    const fields = asFields(entry);
    if (fields === undefined) throw wrong(`${path}[${index}] must be an object`);
    return [fields, `${path}[${index}]`] as const;
  });
}

const own = (checks: Readonly<Record<string, Check>>, name: string): Check | undefined =>
  Object.hasOwn(checks, name) ? checks[name] : undefined;

import type { Operation } from '../../control/index.js';

export type Routed =
  | { readonly operation: Operation; readonly fields: Readonly<Record<string, string>> }
  /** The path is there, but for other methods. */
  | { readonly allowed: readonly string[] };

/**
 * The operation that a path and a method ask for, and the fields that the path gives.
 *
 * @param path below `/api/v1`, decoded
 * @returns undefined when there is nothing at that path
 */
export function routeOf(operations: readonly Operation[], method: string, path: string): Routed | undefined {
  const there = operationsAt(operations, path);
  const found = there.find(({ operation }) => operation.method === (method === 'HEAD' ? 'GET' : method));
  if (found !== undefined) return found;
  if (there.length === 0) return undefined;
  const methods = there.flatMap(({ operation }) => (operation.method === 'GET' ? ['GET', 'HEAD'] : [operation.method]));
  return { allowed: [...new Set(methods)].sort() };
}

/** `/logins/browser` before `/logins/{login}`: whatever names more of the path itself. */
function operationsAt(operations: readonly Operation[], path: string) {
  const asked = path.split('/');
  const there = operations.flatMap((operation) => {
    const fields = fieldsOf(operation.path.split('/'), asked);
    return fields === undefined ? [] : [{ operation, fields, count: Object.keys(fields).length }];
  });
  const fewest = Math.min(...there.map(({ count }) => count));
  return there.filter(({ count }) => count === fewest);
}

function fieldsOf(wanted: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== asked.length) return undefined;
  const fields: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const given = asked[at] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== given : given === '') return undefined;
    if (name !== undefined) fields[name] = given;
  }
  return fields;
}

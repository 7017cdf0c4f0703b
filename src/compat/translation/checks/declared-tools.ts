import { asText, type Fields } from '../../../core/index.js';

/** What the tools of a request declare. A callable tool goes by its kind and name: `function lookup`. */
export interface DeclaredTools {
  /** Functions and custom tools, also those inside namespaces. */
  readonly callable: ReadonlySet<string>;
  /** What may be listed in `allowed_tools`: the callable ones at the top that are not deferred. */
  readonly allowable: ReadonlySet<string>;
  /** All other kinds of tools, by type. */
  readonly builtIn: ReadonlySet<string>;
  /** Custom tools inside a namespace, where no other tool has their name: tool → namespace. */
  readonly namespaces: ReadonlyMap<string, string>;
}

const CALLABLE: ReadonlySet<unknown> = new Set(['function', 'custom']);

/** @param tools checked ones; of several lists all together */
export function declaredTools(tools: readonly Fields[]): DeclaredTools {
  const namespaced = tools.filter(({ type }) => type === 'namespace');
  const top = tools.filter(({ type }) => CALLABLE.has(type));
  const inside = namespaced.flatMap((space) =>
    childrenOf(space).map((tool) => ({ tool, namespace: asText(space['name']) ?? '' })),
  );
  const builtIn = tools.filter(({ type }) => type !== 'namespace' && !CALLABLE.has(type));
  return {
    callable: new Set([...top, ...inside.map(({ tool }) => tool)].map(calledAs)),
    allowable: new Set(top.filter((tool) => tool['defer_loading'] !== true).map(calledAs)),
    builtIn: new Set(builtIn.flatMap(({ type }) => asText(type) ?? [])),
    namespaces: namespacesOf(top, inside),
  };
}

/** @param tool a declared tool, or another object that speaks of one by `type` and `name` */
export const calledAs = ({ type, name }: Fields): string => `${asText(type) ?? ''} ${asText(name) ?? ''}`;

const childrenOf = (space: Fields): readonly Fields[] =>
  Array.isArray(space['tools']) ? (space['tools'] as Fields[]) : [];

interface Child {
  readonly tool: Fields;
  readonly namespace: string;
}

function namespacesOf(top: readonly Fields[], inside: readonly Child[]): ReadonlyMap<string, string> {
  const taken = new Set(top.filter(({ type }) => type === 'custom').map(({ name }) => name));
  const found = new Map<string, string>();
  for (const { tool, namespace } of inside) {
    const name = asText(tool['name']);
    if (tool['type'] !== 'custom' || name === undefined) continue;
    if (taken.has(name)) found.delete(name);
    else found.set(name, namespace);
    taken.add(name);
  }
  return found;
}

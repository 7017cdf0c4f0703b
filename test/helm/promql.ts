import { createRequire } from 'node:module';
import { join } from 'node:path';

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
}
interface Promql {
  readonly parser: {
    parse(expr: string): { iterate(visit: { enter(node: Node): void; leave(node: Node): void }): void };
  };
}

/** What is looked for of one metric. */
export interface Selector {
  readonly metric: string;
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

export interface Parsed {
  /** Where it is no PromQL; absent: it is. */
  readonly wrongAt?: number;
  readonly selectors: readonly Selector[];
  /** Labels that it groups and matches by. */
  readonly by: readonly string[];
}

const { parser } = createRequire(join(__dirname, '../clients-helm/package.json'))(
  '@prometheus-io/lezer-promql',
) as Promql;

/** What Grafana puts in before Prometheus sees it. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '5m');

/** By the grammar of Prometheus itself. */
export function promql(text: string): Parsed {
  const expr = filledIn(text);
  const reader = new Reader(expr);
  parser.parse(expr).iterate({ enter: (node) => reader.enter(node), leave: (node) => reader.leave(node) });
  const { wrongAt, selectors, by } = reader;
  return { ...(wrongAt !== undefined && { wrongAt }), selectors, by };
}

/** Goes through the tree of an expression, and notes what is asked for. */
class Reader {
  readonly selectors: { metric: string; labels: Map<string, string[]> }[] = [];
  readonly by: string[] = [];
  wrongAt: number | undefined;
  private within = false;
  private label = '';

  constructor(private readonly expr: string) {}

  enter({ name, from, to, type }: Node): void {
    const said = this.expr.slice(from, to);
    if (type.isError) this.wrongAt ??= from;
    if (name === 'VectorSelector') {
      this.within = true;
      this.selectors.push({ metric: '', labels: new Map() });
    }
    const selector = this.within ? this.selectors.at(-1) : undefined;
    if (selector !== undefined) this.matched(selector, name, said);
    else if (name === 'LabelName') this.by.push(said);
  }

  leave({ name }: Node): void {
    if (name === 'VectorSelector') this.within = false;
  }

  private matched(selector: { metric: string; labels: Map<string, string[]> }, name: string, said: string): void {
    if (name === 'Identifier') selector.metric = said;
    if (name === 'LabelName') this.label = said;
    if (name === 'StringLiteral') selector.labels.set(this.label, said.slice(1, -1).split('|'));
  }
}

import { CATALOGUE, type MetricName } from './catalogue.js';
import type { Detail, LabelSpec, MetricSpec } from './metric-spec.js';

type Labels = Readonly<Record<string, string>>;

/** What stands for all values of a label that it has no room for. */
const OTHER = 'other';

interface Bound {
  readonly label: string;
  /** Values that may be told; those of a free label are added as they come. */
  readonly known: Set<string>;
  /** How many values there may be. */
  readonly room: number;
}

/** Keeps what labels say within the bounds of the catalogue: no caller can make more series than it allows. */
export class LabelBounds {
  private readonly bounds: ReadonlyMap<string, readonly Bound[]>;

  constructor(details: ReadonlySet<Detail>) {
    const specs = Object.entries<MetricSpec>(CATALOGUE);
    this.bounds = new Map(
      specs.map(([name, { labels }]) => [name, Object.entries(labels).flatMap((label) => boundOf(label, details))]),
    );
  }

  bounded(name: MetricName, labels: Labels): Record<string, string> {
    const bounded: Record<string, string> = {};
    for (const { label, known, room } of this.bounds.get(name) ?? []) {
      const value = labels[label] ?? OTHER;
      if (!known.has(value) && known.size < room) known.add(value);
      bounded[label] = known.has(value) ? value : OTHER;
    }
    return bounded;
  }
}

/** [] for a label that is switched off. */
function boundOf([label, spec]: readonly [string, LabelSpec], details: ReadonlySet<Detail>): Bound[] {
  if ('atMost' in spec) return [{ label, known: new Set(), room: spec.atMost }];
  if ('detail' in spec) return details.has(spec.detail) ? [{ label, known: new Set(), room: Infinity }] : [];
  return [{ label, known: new Set(spec), room: spec.length }];
}

/**
 * What a label may say. A list: those words and `other`. `atMost`: the first so many that come, then `other`. `detail`: the
 * slug of a Pool or the label of an account, only where METRICS_DETAIL asks for it.
 */
export type LabelSpec = readonly string[] | { readonly atMost: number } | { readonly detail: Detail };

/** What METRICS_DETAIL may ask for: each multiplies the number of series. */
export type Detail = 'pool' | 'account';

/**
 * `counter` and `histogram` are recorded as things happen. `gauge` and `total` are read whenever somebody looks: a `total`
 * is a sum that something else keeps, and only grows.
 */
export type MetricKind = 'counter' | 'histogram' | 'gauge' | 'total';

export interface MetricSpec {
  readonly kind: MetricKind;
  /** One sentence without its full stop; the last word of the name is the unit. */
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelSpec>>;
  /** Which roles have it; `all` is both. */
  readonly role: 'gateway' | 'worker' | 'every';
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /** What becomes of readings of a gauge that differ only in a label that is left out. */
  readonly merge?: 'sum' | 'max' | 'min';
}

export const POOL = { detail: 'pool' } as const;
export const ACCOUNT = { detail: 'account' } as const;

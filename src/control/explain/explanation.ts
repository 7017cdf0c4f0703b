import type { DecisionRecord } from '../../accounting/index.js';
import type { Operation, RoutedCall } from '../../core/index.js';
import type { Occupied } from '../../routing/index.js';
import type { RequestDetailView } from '../views/request-view.js';

/** A call that nobody makes. */
export interface ExplainQuestion {
  /** Slug. */
  readonly pool: string;
  /** `''` for operations without one. */
  readonly model: string;
  /** Label or prefix of a key of the Pool; absent: any key without limits of its own. */
  readonly key?: string;
  /** As a client of that key names it; so for the prompt cache key. */
  readonly session?: string;
  readonly cacheKey?: string;
  /** Absent: `responses`. */
  readonly operation?: Operation;
  /** Absent: `http`. */
  readonly transport?: RoutedCall['transport'];
}

/** What a client would be told when nobody may serve its call. Times are ISO 8601. */
export interface ExplainedAnswer {
  readonly status: number;
  readonly code: string;
  readonly resetsAt?: string;
  readonly retryAfterMs?: number;
  /** Somebody may be back before: so long the call would wait first. */
  readonly waitsMs?: number;
}

/** What would become of a call now, and why. */
export interface Explanation {
  readonly pool: { readonly slug: string; readonly status: string };
  readonly key?: { readonly label: string; readonly prefix: string; readonly status: string };
  readonly model: string;
  /** The model that the key has in its place; absent: itself. */
  readonly servedAs?: string;
  readonly operation: Operation;
  readonly transport: RoutedCall['transport'];
  /** Whether the call is one of a session. Without one, strategies that go by sessions begin anywhere. */
  readonly session: boolean;
  readonly decision: DecisionRecord;
  /** Absent: somebody may serve it. */
  readonly answer?: ExplainedAnswer;
  readonly places: readonly Occupied[];
  /** Whose open calls are counted: those of this process, or of all. */
  readonly reach: 'process' | 'cluster';
}

/** What became of a call, and why. */
export interface PastExplanation {
  /** When this was asked, ISO 8601. */
  readonly at: string;
  readonly request: RequestDetailView;
}

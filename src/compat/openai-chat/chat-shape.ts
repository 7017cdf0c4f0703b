import type { Fields } from '../../core/index.js';

/** What a chat request says about the form of its answer; the backend hears nothing of it. */
export interface ChatShape {
  /** As it was asked for; the answer tells it where the upstream does not name its own. */
  readonly model: string;
  /** How often the one answer is told, as choices 0 to n - 1. */
  readonly choices: number;
  /** The text ends in front of the first of these; none is `''`. */
  readonly stops: readonly string[];
  /** Whether a stream tells the usage, in a chunk of its own. */
  readonly includesUsage: boolean;
  /** The request speaks of functions as clients did before there were tools, and understands calls only in that form. */
  readonly legacyFunctions: boolean;
  /** Echoed in the completion. */
  readonly metadata?: Fields;
}

/** What the answer's head is made of beside what the upstream says. */
export interface ChatCall extends ChatShape {
  /** Names the answer when the upstream does not. */
  readonly callId: string;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** Whether the answer tells the upstream's id, under which its conversation can be gone on with. */
  readonly tellsResponseId: boolean;
}

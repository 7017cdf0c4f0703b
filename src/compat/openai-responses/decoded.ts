import type { IncomingHttpHeaders } from 'node:http';
import type { Fields, PoolPolicy, RoutedCall } from '../../core/index.js';
import type { Translated } from '../translation/translated.js';

/** What a Responses request is read with, beside its body. */
export interface DecodeContext {
  readonly pool: Pick<PoolPolicy, 'defaultModel'>;
  readonly headers: IncomingHttpHeaders;
  readonly transport: RoutedCall['transport'];
  /** The items of the stored conversation that the request goes on from, oldest first; they go in front of its own. */
  readonly before?: readonly unknown[];
  /** What stands for an `item_reference`, by its id. */
  readonly referred?: ReadonlyMap<string, readonly Fields[]>;
}

/** A Responses request as it was understood. */
export interface DecodedResponse extends Translated {
  /** The items of this request alone, in the form in which they can be sent again: nothing is lifted out of them. */
  readonly own: readonly unknown[];
  /** Whether its last item asks for the conversation to be folded into one item. */
  readonly folds: boolean;
  /** Whether the client wants the response kept: OpenAI's default is yes. */
  readonly store: boolean;
  /** Custom tools that were declared inside a namespace: tool → namespace. Answers lose it (runtime contract 8.4.5). */
  readonly namespaces: ReadonlyMap<string, string>;
}

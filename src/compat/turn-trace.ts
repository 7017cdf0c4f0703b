import type { IncomingHttpHeaders } from 'node:http';
import type { Fields } from '../core/index.js';

/** On a websocket the CLI says in each turn what it would say in a request's headers. Source: codex-rs `responses_websocket`. */
const PREFIX = 'ws_request_header_';

/** The trace that a turn belongs to: its own, or the one that its websocket was opened in. */
export function turnTrace(headers: IncomingHttpHeaders, frame: Fields): Fields {
  const metadata = frame['client_metadata'];
  if (typeof metadata !== 'object' || metadata === null) return headers;
  const { [`${PREFIX}traceparent`]: traceparent, [`${PREFIX}tracestate`]: tracestate } = metadata as Fields;
  return traceparent === undefined ? headers : { traceparent, tracestate };
}

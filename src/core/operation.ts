/**
 * What a call asks of an upstream. `compact` is the endpoint of older Codex CLIs, `compaction` the Responses request with
 * a trailing `compaction_trigger` of newer ones. `relay` is whatever the client asks for, as `RoutedCall.target` says.
 * Source: codex-cli-wire §7, §9.
 */
export type Operation =
  | 'responses'
  | 'compact'
  | 'compaction'
  | 'images_generations'
  | 'images_edits'
  | 'realtime_calls'
  | 'transcribe'
  | 'files_create'
  | 'files_uploaded'
  | 'relay';

interface Rules {
  /**
   * How far another account may take over: as long as the client has seen nothing, only while nothing was sent (what was
   * sent may have had its effect), or never.
   */
  readonly failover: 'until_visible' | 'until_sent' | 'never';
  /** Whether the model has to be in an account's catalog, is served beside whatever it lists, or there is none. */
  readonly model: 'listed' | 'hosted' | 'none';
  /** What comes back belongs to the account that makes it: only the one that holds the session may be asked. */
  readonly bound: boolean;
}

export const OPERATIONS: Readonly<Record<Operation, Rules>> = {
  responses: { failover: 'until_visible', model: 'listed', bound: false },
  compact: { failover: 'never', model: 'listed', bound: true },
  compaction: { failover: 'never', model: 'listed', bound: true },
  images_generations: { failover: 'until_visible', model: 'hosted', bound: false },
  images_edits: { failover: 'until_visible', model: 'hosted', bound: false },
  realtime_calls: { failover: 'until_sent', model: 'hosted', bound: false },
  transcribe: { failover: 'until_visible', model: 'hosted', bound: false },
  files_create: { failover: 'until_visible', model: 'none', bound: false },
  files_uploaded: { failover: 'never', model: 'none', bound: false },
  relay: { failover: 'until_sent', model: 'none', bound: false },
};

import type { Operation, RoutedCall } from '../../core/index.js';

/** How the backend takes one operation, and what of its answer goes on. */
interface Wire {
  /** As it follows the base. */
  readonly path: (call: Pick<RoutedCall, 'resource' | 'target'>) => string;
  readonly accept: string;
  /**
   * What a 2xx answer has to be when no event stream was asked for: JSON, or whatever the backend says. Either way the
   * client gets its bytes.
   */
  readonly answer: 'json' | 'bytes';
  /** How many times the usual silence the head of the answer may take. */
  readonly patience: number;
  /** The client learns where the thing is that was made. */
  readonly located: boolean;
}

const at =
  (path: string): Wire['path'] =>
  () =>
    path;

const JSON_CALL = { accept: 'application/json', answer: 'json', patience: 1, located: false } as const;
const RESPONSES: Wire = { ...JSON_CALL, path: at('/backend-api/codex/responses') };

const OPERATIONS: Readonly<Record<Operation, Wire>> = {
  responses: RESPONSES,
  compaction: RESPONSES,
  // The whole history is folded before the first byte of the answer. What is no answer is for the client's side to say.
  compact: { ...JSON_CALL, path: at('/backend-api/codex/responses/compact'), answer: 'bytes', patience: 4 },
  images_generations: { ...JSON_CALL, path: at('/backend-api/codex/images/generations') },
  images_edits: { ...JSON_CALL, path: at('/backend-api/codex/images/edits') },
  // SDP in both directions; the new call's name is in `location`.
  realtime_calls: {
    path: at('/backend-api/codex/realtime/calls'),
    accept: '*/*',
    answer: 'bytes',
    patience: 1,
    located: true,
  },
  transcribe: { ...JSON_CALL, path: at('/backend-api/transcribe') },
  files_create: { ...JSON_CALL, path: at('/backend-api/files') },
  files_uploaded: {
    ...JSON_CALL,
    path: ({ resource = '' }) => `/backend-api/files/${encodeURIComponent(resource)}/uploaded`,
  },
  // Nobody knows how long it takes or what comes back.
  relay: {
    path: ({ target }) => `/backend-api/codex${target?.path ?? '/'}`,
    accept: '*/*',
    answer: 'bytes',
    patience: 4,
    located: true,
  },
};

/** @see codex-cli 0.128 and 0.169, and what the ChatGPT backend answers them */
export const wireOf = ({ operation }: Pick<RoutedCall, 'operation'>): Wire => OPERATIONS[operation];

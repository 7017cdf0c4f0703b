import type { RoutedCall } from './call.js';
import type { Operation } from './operation.js';

/** Kinds of work that are limited, and that fail, apart from each other. */
export const ROUTE_CLASSES = [
  'stream',
  'websocket',
  'compact',
  'images',
  'audio',
  'files',
  'realtime',
  'relay',
] as const;

export type RouteClass = (typeof ROUTE_CLASSES)[number];

const CLASS_OF: Readonly<Record<Operation, RouteClass>> = {
  responses: 'stream',
  compact: 'compact',
  compaction: 'compact',
  images_generations: 'images',
  images_edits: 'images',
  realtime_calls: 'realtime',
  transcribe: 'audio',
  files_create: 'files',
  files_uploaded: 'files',
  relay: 'relay',
};

/** A call's class: by what it asks for, and for turns by how it came. */
export function routeClassOf({ operation, transport }: Pick<RoutedCall, 'operation' | 'transport'>): RouteClass {
  const byOperation = CLASS_OF[operation];
  return byOperation === 'stream' && transport === 'websocket' ? 'websocket' : byOperation;
}

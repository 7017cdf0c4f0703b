import type { Stretch } from './plan-partitions.js';

const BOUNDS = /^FOR VALUES FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)$/;

/**
 * What PostgreSQL says of a partition, as times.
 *
 * @returns undefined for the DEFAULT partition, and for what somebody else attached with bounds that are no times
 */
export function stretchOf(name: string, bound: string): Stretch | undefined {
  const [, from, to] = BOUNDS.exec(bound) ?? [];
  if (from === undefined || to === undefined) return undefined;
  return { name, fromMs: timeOf(from), toMs: timeOf(to) };
}

/** The first 48 bits. */
const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** `request`, 2026-11-16 → `request_20261116` */
export const partitionName = (table: string, fromMs: number): string =>
  `${table}_${new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '')}`;

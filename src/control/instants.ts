import { z } from 'zod';

/** A UTC day, or a moment; both ISO 8601. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('a UTC day, or an ISO 8601 time');

/** A day stands for its begin. @returns Unix time in milliseconds */
export const msOf = (text: string): number => Date.parse(text);

export const isoOrNull = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;

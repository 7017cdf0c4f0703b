import { z } from 'zod';

const DETAILS = ['pool', 'account'] as const;
const detail = z.enum(DETAILS);

/** `pool,account` in any order; empty: neither. */
export const metricsDetail = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((word) => word.trim()))
  .transform((words) => words.filter((word) => word !== ''))
  .pipe(z.array(detail, `must be some of ${DETAILS.join(', ')}`));

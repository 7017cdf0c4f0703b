import { z } from 'zod';
import { addressBlock } from '../../core/index.js';

const entriesOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Addresses and CIDR blocks with commas between: `192.0.2.7,10.0.0.0/8,2001:db8::/32`. */
export const addressList = z
  .string()
  .default('')
  .transform((text): readonly string[] => entriesOf(text))
  .refine(
    (entries) => entries.every((entry) => addressBlock(entry) !== undefined),
    'must be addresses and CIDR blocks, such as 192.0.2.7,10.0.0.0/8,2001:db8::/32',
  );

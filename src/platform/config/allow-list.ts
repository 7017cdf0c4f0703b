import { isIP } from 'node:net';

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]{0,252}))(:\d{1,5})?$/i;
const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** Whether a text names hosts and networks, with commas between. */
export const isAllowList = (text: string): boolean => text.split(',').every((entry) => isEntry(entry.trim()));

function isEntry(entry: string): boolean {
  const [base = '', bits, ...more] = entry.split('/');
  if (bits === undefined) return HOST.test(entry);
  const most = BITS[isIP(base)];
  // Everything is no list of exceptions.
  return most !== undefined && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most;
}

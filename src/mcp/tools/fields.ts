import { z } from 'zod';

const EMAIL = /([^\s@<>()"',;:]+)@([^\s@<>()"',;:]+\.[^\s@<>()"',;:]+)/g;
const IPV4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/;
const SHOWN = 2;

const withoutEmails = (text: string): string =>
  text.replace(EMAIL, (_, name: string, domain: string) => `${name.slice(0, SHOWN)}***@${domain}`);

/** An IPv6 address keeps what a network's owner would show: its first 48 bits. */
function maskedAddress(address: string): string {
  const [, network] = IPV4.exec(address) ?? [];
  if (network !== undefined) return `${network}.xxx`;
  if (!address.includes(':')) return 'xxx';
  const [first = ''] = address.split('::');
  return `${first.split(':').slice(0, 3).join(':')}::xxx`;
}

/** What somebody named. An address of mail in it is shown in part, wherever it stands. Source: contract §13.5 */
export const text = z.string().overwrite(withoutEmails);
export const textOrNone = text.nullable();
/** Shown in part. */
export const clientAddress = z.string().overwrite(maskedAddress).nullable();
export const instant = z.iso.datetime();
export const instantOrNone = instant.nullable();
export const count = z.int().min(0);

/** Which thing is meant: an id or a name. */
export const selector = (what: string) => z.string().trim().min(1).max(300).describe(what);
export const poolSelector = selector('of this Pool only: its id, slug or name').optional();
export const query = z.string().trim().min(1).max(100).optional().describe('a part of the name or label');

/** How many are shown at most. */
export const limitOf = (most: number, usual: number) => z.int().min(1).max(most).default(usual);
export const offset = z.int().min(0).max(10_000).default(0);

/** What the selectors of a question came to. Where several things fit, none is taken. */
export const FOUND = z.enum(['ok', 'ambiguous', 'not_found']);
const candidate = z.strictObject({ id: z.string(), label: text });
export const candidates = z.array(candidate).max(10);

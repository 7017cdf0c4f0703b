import type { IncomingHttpHeaders } from 'node:http';
import { isWithin } from '../../core/index.js';
import { clientAddressOf } from '../../platform/http/index.js';
import { surfaceOf } from '../surface.js';
import type { IngressSettings } from './ingress-settings.js';

/** Whose list a path is under: that of those who call models and tools, or that of the operators' API. */
export type Guarded = 'callers' | 'operators';

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** @returns undefined for what everybody may ask who can reach it: health, metrics */
export function guardOf(path: string): Guarded | undefined {
  if (surfaceOf(path) !== 'operations' || isUnder(path, '/mcp')) return 'callers';
  return isUnder(path, '/api') ? 'operators' : undefined;
}

export type Verdict =
  | { readonly ok: true; /** Absent: nobody knows. */ readonly address?: string }
  | { readonly ok: false; readonly why: 'address' | 'forwarding' };

interface Knocking {
  /** The other end of the connection; absent: it is gone. */
  readonly peer?: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Whether a request may come from where it comes from, and where that is. Source: runtime contract §2.1.
 *
 * What a proxy of ours says of a client is part of the rules: where it cannot be believed nobody comes in, with or
 * without a list.
 */
export function verdictOf(settings: IngressSettings, guarded: Guarded, { peer, headers }: Knocking): Verdict {
  const address = clientAddressOf(peer, headers, settings);
  if (peer !== undefined && address === undefined) return { ok: false, why: 'forwarding' };
  const list = guarded === 'operators' ? settings.operatorAllowList : settings.allowList;
  if (!isListed(list, address)) return { ok: false, why: 'address' };
  return address === undefined ? { ok: true } : { ok: true, address };
}

export function isListed(list: IngressSettings['allowList'], address = ''): boolean {
  if (list === 'nobody') return false;
  return list.length === 0 || isWithin(list, address);
}

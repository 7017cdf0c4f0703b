import type { RequestLogService } from '../accounting/index.js';
import type { AccountId, Principal } from '../core/index.js';

/** What a provider may still remember of a conversation. */
const RECENT_MS = 24 * 60 * 60 * 1000;

/**
 * The account that served a key last: its conversation is there, and its other files. A hint: without it a file goes to
 * whatever account has most room.
 */
export const recentAccount = (
  requests: Pick<RequestLogService, 'lastAccount'>,
  { keyId }: Pick<Principal, 'keyId'>,
  nowMs: number,
): Promise<AccountId | undefined> => requests.lastAccount(keyId, nowMs - RECENT_MS).catch(() => undefined);

/** Every queue there is. Job data is readable in the store: it holds ids and numbers, never a secret or a prompt. */
export const QUEUES = {
  /** Usage of calls that have ended, on its way into the request log and the rollups. */
  settlement: 'settlement',
  /** Accounts whose tokens are to be refreshed, by id. */
  tokenRefresh: 'token-refresh',
  /** Accounts whose upstream is to be asked how much of their quota is used, by id. */
  usage: 'account-usage',
  /** What recurs: due refreshes, expiry, clean-up. */
  maintenance: 'maintenance',
  /** What clients may come back to: what of it is over. */
  storedItems: 'stored-items',
  /** What webhooks are to be told of incidents, by id. */
  incidents: 'incidents',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

/**
 * `exchanging`: the code is with the provider, and only the process that took it there can say how it ends. All that come
 * after it are ends.
 */
export type LoginStatus = 'pending' | 'exchanging' | 'completed' | 'failed' | 'cancelled' | 'expired';

/**
 * `code`: an authorization code came, and is used from here on. `linked`: its tokens are an account's. `refused`: the
 * provider or we do not want it. `interrupted`: who had the code has not come back. `late`: its time is over.
 */
export type LoginEvent = 'code' | 'linked' | 'refused' | 'interrupted' | 'cancel' | 'late';

const EDGES: Readonly<Record<LoginStatus, Readonly<Partial<Record<LoginEvent, LoginStatus>>>>> = {
  pending: { code: 'exchanging', refused: 'failed', cancel: 'cancelled', late: 'expired' },
  exchanging: { linked: 'completed', refused: 'failed', interrupted: 'failed' },
  completed: {},
  failed: {},
  cancelled: {},
  expired: {},
};

/** Where the event leads; `undefined` when it cannot happen there. */
export const loginAfter = (status: LoginStatus, event: LoginEvent): LoginStatus | undefined => EDGES[status][event];

export const isOver = (status: LoginStatus): boolean => Object.keys(EDGES[status]).length === 0;

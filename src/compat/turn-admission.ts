import { ERRORS, GatewayError, type Principal } from '../core/index.js';

interface Door {
  /** Whether the caller may still be served, as of now. @throws GatewayError */
  readonly readmit: () => Promise<Principal>;
  /** The caller may not: no further turn is served. */
  readonly refuse: () => void;
}

/** Whoever opened a websocket is looked at again before each turn, because something may have changed. */
export class TurnAdmission {
  constructor(private readonly door: Door) {}

  /**
   * @returns the caller as of now; `undefined` when he may not be served any more, and the websocket was told so
   * @throws GatewayError when nobody can say: that is no refusal, so the turn fails and the websocket stays
   */
  async admitted(): Promise<Principal | undefined> {
    try {
      return await this.door.readmit();
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      if (['gateway', 'limits'].includes(ERRORS[error.code].blame)) throw error;
      this.door.refuse();
      return undefined;
    }
  }

  /** Look between two turns. Never rejects. */
  async recheck(): Promise<void> {
    await this.admitted().catch(() => undefined);
  }
}

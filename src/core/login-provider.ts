export interface RefreshedTokens {
  readonly accessToken: string;
  /** Absent when the provider did not rotate it. */
  readonly refreshToken?: string;
  readonly idToken?: string;
}

/** What one login in a browser is made of. Both are secret: the verifier to everybody, the state to all but the operator. */
export interface LoginChallenge {
  readonly state: string;
  /** PKCE (RFC 7636): proves that who redeems the code is who began. */
  readonly verifier: string;
}

/** An authorization code and all that is needed to redeem it, once. Holds secrets: never logged, never stored. */
export interface LoginCode {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** A login by device code that has begun: somebody types `userCode` at `verificationUri`. */
export interface DeviceLogin {
  /** A secret: whoever has it gets the code of the login. */
  readonly deviceAuthId: string;
  readonly userCode: string;
  readonly verificationUri: string;
  /** How long to wait between two polls. */
  readonly intervalSeconds: number;
  /** Unix time in milliseconds; absent when the provider does not say. */
  readonly expiresAtMs?: number;
}

export type DeviceAnswer =
  | { readonly is: 'pending' }
  /** Polled too fast: wait longer from now on. */
  | { readonly is: 'slow_down' }
  /** For good. `reason` is a safe token such as `access_denied`. */
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'approved'; readonly code: LoginCode };

/** How an account of a kind is signed in to. */
export interface LoginProvider {
  /** Where the browser is sent in the end; nobody listens there, so the operator pastes that address. */
  readonly redirectUri: string;

  /** The page at which the operator signs in. */
  authorizeUrl(challenge: LoginChallenge): string;

  /**
   * @throws LoginRefused when the provider did not take the code
   * @throws GatewayError when the provider could not be asked, or gave no tokens
   */
  exchangeCode(code: LoginCode, signal: AbortSignal): Promise<RefreshedTokens>;

  /** @throws as `exchangeCode` */
  startDevice(signal: AbortSignal): Promise<DeviceLogin>;

  /** @throws GatewayError when the provider could not be asked: another poll may do better */
  pollDevice(device: Pick<DeviceLogin, 'deviceAuthId' | 'userCode'>, signal: AbortSignal): Promise<DeviceAnswer>;
}

/** The provider will not have this login. `reason` is a safe token such as `invalid_grant`. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';

  constructor(readonly reason: string) {
    super(`The login was refused: ${reason}`);
  }
}

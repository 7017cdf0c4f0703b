import type { RecordedRequest } from './recorded-request.js';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What the upstream does with one request. Ends by itself when the client goes away. */
export interface Reply {
  send(wire: Wire): Promise<void>;
}

export type Script = (request: RecordedRequest) => Reply;

/** How a connection is cut: closed, by RST, or (a websocket) with this close code. */
export type Cut = 'destroy' | 'reset' | number;

/** The answering side of one request: everything a reply may do to the connection, safe after the client has gone. */
export interface Wire {
  readonly request: RecordedRequest;
  readonly isOpen: boolean;

  now(): number;

  /** Send the status line and the headers at once. */
  head(status: number, headers?: Headers): void;

  /** Resolves when there is room for more. @returns whether the client is still there */
  write(bytes: Buffer | string): Promise<boolean>;

  end(bytes?: Buffer | string): void;

  drop(how?: Cut): void;

  /** A pause that the script asked for; over at once when the client goes away. */
  pause(ms: number): Promise<void>;
}

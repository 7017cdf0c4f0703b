import type { IncomingHttpHeaders } from 'node:http';
import { CallBody, type AccountId, type CallId, type RoutedCall } from '../core/index.js';

/** What a request for a file was, apart from its body. */
export interface Received {
  readonly id: CallId;
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly route: string;
  /** The name of the protocol that the client speaks. */
  readonly dialect: string;
  readonly headers: IncomingHttpHeaders;
}

/** Who a Codex client says it is; nothing of a session or a turn belongs to a file. For all others we speak ourselves. */
const IDENTITY = ['originator', 'user-agent', 'version'] as const;

/** @param account the one that an announcement should go to; it is only asked first */
export const createCall = (received: Received, body: Buffer, account: AccountId | undefined): RoutedCall => ({
  ...fileCall(received, body),
  operation: 'files_create',
  ...(account === undefined ? {} : { account: { id: account, required: false } }),
});

/** @param account the one that holds the file */
export const completeCall = (received: Received, body: Buffer, fileId: string, account: AccountId): RoutedCall => ({
  ...fileCall(received, body),
  operation: 'files_uploaded',
  resource: fileId,
  account: { id: account, required: true },
});

/** The end of an announcement that is one call with the upload itself. */
export const finishing = (call: RoutedCall, fileId: string, account: AccountId): RoutedCall => ({
  ...call,
  operation: 'files_uploaded',
  resource: fileId,
  account: { id: account, required: true },
  body: new CallBody(Buffer.from('{}')),
});

const fileCall = (received: Received, body: Buffer): Omit<RoutedCall, 'operation'> => ({
  id: received.id,
  requestId: received.requestId,
  receivedAtMs: received.receivedAtMs,
  dialect: received.dialect,
  transport: 'http',
  route: received.route,
  model: '',
  stream: false,
  headers: received.dialect === 'codex-backend' ? identity(received.headers) : {},
  body: new CallBody(body),
});

const identity = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    IDENTITY.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

import { PATH, type TestGateway } from './gateway.js';
import { RawConnection, type RawAnswer } from './raw-http.js';

export const connectTo = (gateway: TestGateway): Promise<RawConnection> =>
  RawConnection.open(Number(new URL(gateway.url).port));

export const bearer = (gateway: TestGateway): string => `authorization: Bearer ${gateway.key}\r\n`;

/** The beginning of a request; the headers that are given end their own lines, the last one twice. */
export const head = (more = '', path = PATH, method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n${more}`;

/** The JSON answer to these bytes on a connection of their own. */
export async function sent(gateway: TestGateway, ...pieces: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const connection = await connectTo(gateway);
  for (const piece of pieces) connection.send(piece);
  try {
    return await connection.until('}}');
  } finally {
    connection.close();
  }
}

/** Status and error code of an answer. */
export function codeOf({ status, body }: RawAnswer): [status: number, code: unknown] {
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  return [status, (JSON.parse(json) as { error: { code: unknown } }).error.code];
}

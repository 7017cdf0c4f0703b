import { OperatorTokenService } from '../../src/auth/index.js';
import { ControlService } from '../../src/control/index.js';
import { eventually } from './eventually.js';
import type { TestGateway } from './gateway.js';
import { askApi } from './operators.js';
import { RawConnection } from './raw-http.js';

/** A request of the operators' API that is under way, and how it ends. */
interface UnderWay {
  /** Settles once it was let in. */
  readonly begun: Promise<unknown>;
  end(): Promise<number>;
}

interface Target {
  readonly method: string;
  readonly path: string;
}

/** A read whose operation never comes to an end. */
export function readUnderWay(gateway: TestGateway, { path }: Target, token: string): UnderWay {
  const running = jest.spyOn(gateway.get(ControlService), 'run').mockReturnValue(new Promise(() => undefined));
  const answer = askApi(gateway.url, path, { token });
  return {
    begun: eventually(() => Promise.resolve(expect(running).toHaveBeenCalled())),
    end: async () => (await answer).status,
  };
}

/** A change whose body has come only in part. */
export async function changeUnderWay(gateway: TestGateway, { method, path }: Target, token: string): Promise<UnderWay> {
  const authenticate = jest.spyOn(gateway.get(OperatorTokenService), 'authenticate');
  const connection = await RawConnection.open(Number(new URL(gateway.url).port));
  const head = [`${method} ${path} HTTP/1.1`, 'host: gateway', `authorization: Bearer ${token}`];
  const rest = ['connection: close', 'content-type: application/json', 'content-length: 2', '', '{'];
  connection.send([...head, ...rest].join('\r\n'));
  const called = eventually(() => Promise.resolve(expect(authenticate).toHaveBeenCalled()));
  return {
    begun: called.then(() => authenticate.mock.results[0]?.value as Promise<unknown>),
    end: async () => (await connection.send('}').untilClosed()).status,
  };
}

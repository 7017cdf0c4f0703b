import { request as httpRequest, type IncomingMessage } from 'node:http';
import { OperatorTokenAdmin, OperatorTokenService } from '../../src/auth/index.js';
import { ControlService } from '../../src/control/index.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { askApi, expectProblem, operatorToken } from '../support/operators.js';
import { RawConnection } from '../support/raw-http.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const POOLS = '/api/v1/pools';

describe("the operators' API", () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream() });

  afterEach(() => jest.restoreAllMocks());

  it('tells nothing more to whose token is revoked while an answer is made', async () => {
    const made = await operatorToken(gateway);
    const control = gateway.get(ControlService);
    const run = control.run.bind(control);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const running = jest.spyOn(control, 'run').mockImplementation(async (...args) => {
      await held;
      return run(...args);
    });
    const answer = askApi(gateway.url, POOLS, { token: made.token });
    await eventually(() => Promise.resolve(expect(running).toHaveBeenCalled()));
    await gateway.get(OperatorTokenAdmin).revoke(made.row.id);
    expectProblem(await answer, 401, 'unauthorized');
    release();
  });

  it('breaks a long answer off when its token is revoked', async () => {
    const made = await operatorToken(gateway);
    const output = { text: 'x'.repeat(64 * 1024 * 1024) };
    jest.spyOn(gateway.get(ControlService), 'run').mockResolvedValueOnce({ status: 200, output });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${made.token}` };
      httpRequest(`${gateway.url}${POOLS}`, { headers }, resolve).on('error', reject).end();
    });
    expect(answer.statusCode).toBe(200);
    await gateway.get(OperatorTokenAdmin).revoke(made.row.id);
    const gone = await gateway.get(OperatorTokenService).authenticate(`Bearer ${made.token}`, Date.now(), 'operator');
    expect(gone).toBeUndefined();
    await expect(
      (async () => {
        let bytes = 0;
        for await (const chunk of answer) bytes += (chunk as Buffer).length;
        return bytes;
      })(),
    ).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it('does not begin a change when its token is revoked while the body comes in', async () => {
    const made = await operatorToken(gateway, { scopes: ['admin'] });
    const authenticate = jest.spyOn(gateway.get(OperatorTokenService), 'authenticate');
    const connection = await RawConnection.open(Number(new URL(gateway.url).port));
    const body = '{"slug":"too-late"}';
    connection.send(
      `POST ${POOLS} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${made.token}\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    await eventually(() => Promise.resolve(expect(authenticate).toHaveBeenCalled()));
    await authenticate.mock.results[0]?.value;
    await gateway.get(OperatorTokenAdmin).revoke(made.row.id);
    expect((await connection.send(body.slice(5)).untilClosed()).status).toBe(401);
    const { token } = await operatorToken(gateway);
    expectProblem(await askApi(gateway.url, `${POOLS}/too-late`, { token }), 404, 'not_found');
  });
});

describe('whoever guesses tokens', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { AUTH_FAILURES_PER_MINUTE: '3' } });

  it('has to wait, and stops nobody who was let in before', async () => {
    const { token } = await operatorToken(gateway);
    const known = () => askApi(gateway.url, POOLS, { token });
    expect((await known()).status).toBe(200);
    const wrong = `opr-cxp-ffffffffffff-${'A'.repeat(43)}`;
    const slowed = await eventually(async () => {
      const answer = await askApi(gateway.url, POOLS, { token: wrong });
      expect(answer.status).toBe(429);
      return answer;
    });
    expectProblem(slowed, 429, 'too_many_failed_credentials');
    expect(slowed.headers.get('retry-after')).toMatch(/^[1-5]$/);
    expect((await known()).status).toBe(200);
    expect((await askApi(gateway.url, POOLS)).status).toBe(401);
  });
});

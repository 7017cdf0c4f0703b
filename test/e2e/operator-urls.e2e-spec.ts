import { Socket } from 'node:net';
import { useGateway } from '../support/gateway.js';
import { askApi, operatorToken } from '../support/operators.js';
import { FORMS, PRIVATE_V4, PRIVATE_V6 } from '../support/private-urls.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { useTinyServer } from '../support/tiny-server.js';

const METADATA = '169.254.169.254';
const HOSTS = [
  ...PRIVATE_V4,
  ...PRIVATE_V6.map((address) => `[${address}]`),
  ...FORMS.flatMap((form) => [form('127.0.0.1'), form(METADATA)]),
  ...['localhost', 'localhost.', 'a.localhost'],
];

describe('URLs that operators set through the API', () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream() });
  const trap = useTinyServer();
  const dialled: string[] = [];
  let token = '';
  let caught = 0;
  const ask = (path: string, method: string, body: object) =>
    askApi(gateway.url, `/api/v1${path}`, { token, method, body });

  beforeAll(async () => {
    ({ token } = await operatorToken(gateway, { scopes: ['admin'] }));
    trap.answer = (_, response) => {
      caught++;
      response.end();
    };
    const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
    jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
      this.on('connectionAttempt', (address: string, port: number) => void dialled.push(`${address} ${port}`));
      return connect.apply(this, args);
    });
    expect(await ask('/webhooks', 'POST', { name: 'good', url: 'https://192.0.2.1/' })).toMatchObject({ status: 422 });
    expect(await ask('/webhooks', 'POST', { name: 'good', url: 'https://93.184.216.34/' })).toMatchObject({
      status: 201,
    });
    dialled.length = 0;
  });
  afterAll(() => jest.restoreAllMocks());

  it.each(HOSTS)('lead to no connection with %s', async (host) => {
    const { port } = new URL(trap.url);
    const url = `https://${host}:${port}/`;
    const forms = [`http://${host}:${port}/`, `https://user:pass@${host}:${port}/`, `https://${host}\\@93.184.216.34/`];
    for (const [path, method, body] of [
      ...[url, ...forms].map((each) => ['/webhooks', 'POST', { name: 'bad', url: each }] as const),
      ['/webhooks/good', 'PATCH', { url }],
      ['/prices/import?dryRun=true', 'POST', { url }],
      ['/prices/import', 'POST', { url, force: true }],
    ] as const) {
      const { status } = await ask(path, method, body);
      expect([path, body, status]).toEqual([path, body, 422]);
    }
    const own = [gateway.url, gateway.databaseUrl()].map((url) => new URL(url).port);
    expect(dialled.filter((each) => !own.includes(each.split(' ')[1] ?? ''))).toEqual([]);
    expect(caught).toBe(0);
  });
});

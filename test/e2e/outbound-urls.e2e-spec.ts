import { Socket } from 'node:net';
import fc from 'fast-check';
import { PriceDownload } from '../../src/accounting/index.js';
import { uploadTarget } from '../../src/files/upload-url.js';
import { UploadTransport } from '../../src/files/upload-transport.service.js';
import { WebhookSender } from '../../src/incidents/index.js';
import { guardedAgent, Outbound } from '../../src/platform/egress/index.js';
import { isPublicAddress } from '../../src/platform/egress/public-address.js';
import { FORMS, NAMES, PRIVATE_V4, PRIVATE_V6, privateUrl } from '../support/private-urls.js';
import { useTinyServer } from '../support/tiny-server.js';

const FULL = process.env['DRILLS'] === 'full';
const UPSTREAM = 'https://upstream.example.com';
const PUBLIC = '93.184.216.34';

/** Answers names as their owner would like, and knows no other. */
class Resolver {
  answers: (name: string) => readonly string[] = () => ['127.0.0.1'];

  addresses(name: string): Promise<readonly string[]> {
    return Promise.resolve(this.answers(name));
  }
}

// Five ways for every URL.
jest.setTimeout(FULL ? 600_000 : 60_000);

describe('URLs that operators and upstreams set', () => {
  const server = useTinyServer();
  const resolver = new Resolver();
  /** Every address that any socket of this process tried to connect to. */
  const dialled: string[] = [];
  const config = {
    EGRESS_ALLOW_LIST: undefined as string | undefined,
    UPSTREAM_CONNECT_MS: 2_000,
    UPSTREAM_IDLE_MS: 2_000,
  };
  const outbound = new Outbound(config, resolver);
  const prices = new PriceDownload(resolver, config);
  const uploads = new UploadTransport(config, resolver);
  const agent = guardedAgent(resolver, { connectMs: 2_000, silenceMs: 2_000 });

  const target = (address: string) => ({
    id: 'w',
    format: 'generic' as const,
    url: address,
    secret: 'sixteen characters',
  });
  const put = async (address: string, isChecked: boolean): Promise<unknown> => {
    const checked = uploadTarget(address, UPSTREAM);
    if (isChecked && checked.kind === 'refused') return 'refused';
    const upload = { url: new URL(address), trusted: false, contentType: 'text/plain', bytes: Buffer.from('a') };
    return uploads.put(upload, AbortSignal.timeout(2_000));
  };
  /** Everything that goes where somebody's URL leads; the last two look at nothing but the socket. */
  const WAYS: Readonly<Record<string, (address: string) => Promise<unknown>>> = {
    webhook: async (address) => {
      const outcome = await new WebhookSender(outbound).test(target(address));
      return outcome.kind === 'sent' ? outcome : 'refused';
    },
    prices: (address) => prices.text(address),
    upload: (address) => put(address, true),
    'upload, unchecked': (address) => put(address, false),
    'the socket': async (address) => {
      const { origin, pathname } = new URL(address);
      return agent.request({ origin, path: pathname, method: 'GET', signal: AbortSignal.timeout(2_000) });
    },
  };
  const all = (address: string): Promise<readonly unknown[]> =>
    Promise.all(Object.values(WAYS).map((way) => way(address).catch(() => 'refused')));
  const REFUSED = Object.keys(WAYS).map(() => 'refused');

  beforeAll(() => {
    const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
    jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
      this.on('connectionAttempt', (address: string) => void dialled.push(address));
      return connect.apply(this, args);
    });
  });
  beforeEach(() => {
    dialled.length = 0;
    resolver.answers = () => ['127.0.0.1'];
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await Promise.all([outbound, prices, uploads].map((each) => each.onApplicationShutdown()));
    await agent.destroy();
  });

  it('lead to no address that is not public, however they are written', async () => {
    await fc.assert(
      fc.asyncProperty(privateUrl, fc.constantFrom(...PRIVATE_V4, ...PRIVATE_V6), async (address, resolved) => {
        resolver.answers = () => [resolved];
        expect(await all(address)).toEqual(REFUSED);
        expect(dialled).toEqual([]);
      }),
      { numRuns: FULL ? 5_000 : 300 },
    );
  });

  it.each([
    ...PRIVATE_V4.flatMap((address) => FORMS.map((form) => form(address))),
    ...PRIVATE_V6.map((address) => `[${address}]`),
    ...NAMES,
  ])('do not lead to https://%s', async (name) => {
    expect(await all(`https://${name}/`)).toEqual(REFUSED);
    expect(dialled).toEqual([]);
  });

  it.each([
    ['turns private after the check', [[PUBLIC], ['127.0.0.1']]],
    ['has one private address among public ones', [[PUBLIC, '169.254.169.254']]],
    ['has a private IPv6 address beside a public IPv4 one', [[PUBLIC, '::1']]],
    ['is unknown', [[]]],
  ])('do not lead to a host that %s', async (_, [first = [], then = first]) => {
    let asked = 0;
    resolver.answers = () => (asked++ === 0 ? first : then);
    // Whoever checks first sees the first answer; the socket sees the one that counts.
    await resolver.addresses('hooks.example.com');
    expect(await all('https://hooks.example.com/')).toEqual(REFUSED);
    expect(asked).toBeGreaterThan(3);
    expect(dialled).toEqual([]);
  });

  it('lead where they are allowed to, no further by a redirect, and carry no credentials', async () => {
    const allowed = new Outbound({ EGRESS_ALLOW_LIST: new URL(server.url).host }, resolver);
    const asked: string[] = [];
    server.answer = (request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(307, { location: `http://localhost:${new URL(server.url).port}/elsewhere` }).end();
    };
    const sender = new WebhookSender(allowed);
    expect(await sender.test(target(`${server.url}/here`))).toEqual({
      kind: 'never',
      code: 'http_307',
      status: 307,
    });
    const elsewhere = server.url.replace('127.0.0.1', 'user:pass@127.0.0.1');
    expect(await sender.test(target(elsewhere))).toEqual({ kind: 'never', code: 'address_refused' });
    const otherPort = `http://127.0.0.1:${Number(new URL(server.url).port) + 1}/`;
    expect(await sender.test(target(otherPort))).toEqual({ kind: 'never', code: 'address_refused' });
    expect([asked, dialled]).toEqual([['/here'], ['127.0.0.1']]);
    await allowed.onApplicationShutdown();
  });

  it('lead to a private address of a name that is allowed, and never to a link-local one', async () => {
    const allowed = new Outbound({ EGRESS_ALLOW_LIST: 'hooks.internal' }, resolver);
    const hook = target(`http://hooks.internal:${new URL(server.url).port}/`);
    server.answer = (_, response) => response.end();
    resolver.answers = () => ['169.254.169.254'];
    expect(await new WebhookSender(allowed).test(hook)).toEqual({ kind: 'never', code: 'address_refused' });
    expect(dialled).toEqual([]);
    resolver.answers = () => ['127.0.0.1'];
    expect(await new WebhookSender(allowed).test(hook)).toEqual({ kind: 'sent', status: 200 });
    expect(dialled).toEqual(['127.0.0.1']);
    await allowed.onApplicationShutdown();
  });

  it('are tried with addresses of every kind, none of them public', () => {
    expect([...PRIVATE_V4, ...PRIVATE_V6].filter(isPublicAddress)).toEqual([]);
  });
});

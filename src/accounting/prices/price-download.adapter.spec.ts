import { Agent } from 'undici';
import { useTinyServer } from '../../../test/support/tiny-server.js';
import { downloaded, PriceDownload, withinSize } from './price-download.adapter.js';

const FIVE_MIB = 5 * 1024 * 1024;
const at = (address: string) => ({ addresses: () => Promise.resolve([address]) });

describe('fetching a price list', () => {
  const server = useTinyServer();
  const download = new PriceDownload(at('127.0.0.1'), { EGRESS_ALLOW_LIST: undefined });
  const agent = new Agent();
  const fetched = (signal = new AbortController().signal): Promise<string> =>
    downloaded(agent, new URL(`${server.url}/prices.json?key=1`), signal);
  afterAll(() => Promise.all([download.onApplicationShutdown(), agent.destroy()]));

  it.each([
    'http://prices.example.com/a',
    'https://user:secret@prices.example.com/a',
    'https://localhost/a',
    'https://intranet/a',
    'https://127.0.0.1/a',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/a',
    'file:///etc/passwd',
    'prices.json',
  ])('takes no other than a public https URL: %s', async (url) => {
    await expect(download.text(url)).rejects.toThrow('public https:// URL');
  });

  it('connects to no host that has a private address by then', async () => {
    let asked = 0;
    server.answer = (_, response) => void (asked++, response.end('{}'));
    const port = new URL(server.url).port;
    await expect(download.text(`https://prices.example.com:${port}/a`)).rejects.toThrow('cannot be reached');
    expect(asked).toBe(0);
  });

  it('gives the text that the host answers', async () => {
    const asked: (string | undefined)[] = [];
    server.answer = (request, response) => {
      asked.push(request.url, request.headers.authorization);
      response.end('{"version":"2026-01-01"}');
    };
    expect(await fetched()).toBe('{"version":"2026-01-01"}');
    expect(asked).toEqual(['/prices.json?key=1', undefined]);
  });

  it.each([301, 302, 307, 404, 500])('takes no answer of status %d, and goes nowhere else', async (status) => {
    let asked = 0;
    server.answer = (_, response) => {
      asked++;
      response.writeHead(status, { location: `${server.url}/elsewhere` }).end('a secret of the host');
    };
    await expect(fetched()).rejects.toThrow(`The host answered ${status}; redirects are not followed.`);
    expect(asked).toBe(1);
  });

  it('takes no more than 5 MiB', async () => {
    server.answer = (_, response) => void response.end(Buffer.alloc(FIVE_MIB + 1, 32));
    await expect(fetched()).rejects.toThrow('larger than 5 MiB');
    expect(() => withinSize(Buffer.alloc(FIVE_MIB + 1))).toThrow('larger than 5 MiB');
    expect(withinSize(Buffer.from('{}'))).toBe('{}');
  });

  it('gives up when its time is over', async () => {
    const late = new AbortController();
    server.answer = () => late.abort();
    await expect(fetched(late.signal)).rejects.toThrow('took too long');
  });
});

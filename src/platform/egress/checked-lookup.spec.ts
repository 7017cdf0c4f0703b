import { allowListOf } from './allow-list.js';
import { checkedLookup } from './checked-lookup.js';

/** What a connection is given: the error's message, or the addresses. */
const looked = (addresses: readonly string[], all: boolean, allowed = allowListOf()): Promise<unknown> =>
  new Promise((resolve) => {
    const lookup = checkedLookup(() => Promise.resolve(addresses), allowed);
    lookup('files.example.com', { all }, (error, address, family) => resolve(error?.message ?? [address, family]));
  });

describe('looking a host up to connect to it', () => {
  it('gives the addresses that were checked, in both forms that a connection asks for', async () => {
    const addresses = ['1.1.1.1', '2606:4700::1111'];
    expect(await looked(addresses, false)).toEqual(['1.1.1.1', 4]);
    expect(await looked(addresses, true)).toEqual([
      [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
      undefined,
    ]);
  });

  it('says that a host has none', async () => {
    expect(await looked([], true)).toBe('The host is not known.');
  });

  it('gives a private one of a host that is allowed, and never one that is link-local', async () => {
    const allowed = allowListOf('files.example.com');
    expect(await looked(['10.0.0.1'], false, allowed)).toEqual(['10.0.0.1', 4]);
    expect(await looked(['169.254.169.254'], false, allowed)).toBe('The host has an address that is not public.');
  });

  it.each([[['127.0.0.1']], [['1.1.1.1', '10.0.0.1']]])('gives none when they are %j', async (addresses) => {
    for (const all of [true, false]) {
      expect(await looked(addresses, all)).toBe('The host has an address that is not public.');
    }
  });
});

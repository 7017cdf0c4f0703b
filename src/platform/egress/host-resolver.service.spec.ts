import { isPublicAddress } from './public-address.js';
import { HostResolver } from './host-resolver.service.js';

describe('the addresses of a host', () => {
  it('are all that this machine would connect to', async () => {
    const addresses = await new HostResolver().addresses('localhost');
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it('are none for a name that cannot be one', async () => {
    expect(await new HostResolver().addresses(`${'a'.repeat(300)}.example.com`)).toEqual([]);
  });
});

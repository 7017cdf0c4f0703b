import { isIP, type LookupFunction } from 'node:net';
import { arePublic } from './public-address.js';

/**
 * Looks a host up for a connection, and gives only addresses of the public internet: what was looked up when the URL was
 * checked may be another host's by the time of the connection.
 *
 * @param addresses all that a host has
 */
export const checkedLookup =
  (addresses: (host: string) => Promise<readonly string[]>): LookupFunction =>
  (host, { all }, done) => {
    void addresses(host).then((found) => {
      const [first] = found;
      if (first === undefined || !arePublic(found)) done(new Error('The host has an address that is not public.'), []);
      else if (all === true) done(null, found.map(located));
      else done(null, first, isIP(first));
    });
  };

const located = (address: string) => ({ address, family: isIP(address) });

import { isIP, type LookupFunction } from 'node:net';
import { mayConnect, type AllowList } from './allow-list.js';
import { EgressRefused } from './egress-refused.js';

/**
 * Looks a host up for a connection, and gives only addresses that may be connected to: what was looked up when the URL was
 * checked may be another host's by the time of the connection.
 *
 * @param addresses all that a host has
 */
export const checkedLookup =
  (addresses: (host: string) => Promise<readonly string[]>, allowed: AllowList): LookupFunction =>
  (host, { all }, done) => {
    void addresses(host).then((found) => {
      const [first] = found;
      if (first === undefined) done(new Error('The host is not known.'), []);
      else if (!mayConnect(host, found, allowed)) done(new EgressRefused(), []);
      else if (all === true) done(null, found.map(located));
      else done(null, first, isIP(first));
    });
  };

const located = (address: string) => ({ address, family: isIP(address) });

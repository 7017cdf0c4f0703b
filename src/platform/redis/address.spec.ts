import { redisAddress } from './address.js';

describe('the address of a Redis', () => {
  it('is that of one server unless it says more', () => {
    expect(redisAddress('redis://cache')).toEqual({
      reached: 'server',
      nodes: [{ host: 'cache', port: 6_379 }],
      login: {},
      db: 0,
    });
  });

  it('names Sentinels, what they call the master, and how to get in at both', () => {
    const text = 'rediss://app:a%2Fb@one/2?sentinel=main&nodes=two:26380,[fd00::3]&sentinelPassword=c%26d';
    expect(redisAddress(text)).toEqual({
      reached: 'sentinel',
      nodes: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: 'fd00::3', port: 26_379 },
      ],
      login: { username: 'app', password: 'a/b' },
      db: 2,
      tls: {},
      master: 'main',
      sentinelPassword: 'c&d',
    });
  });

  it('names the nodes of a Cluster', () => {
    const { reached, nodes } = redisAddress('redis://[::1]:7000?cluster=true&nodes=b:7001,c');
    expect({ reached, nodes }).toEqual({
      reached: 'cluster',
      nodes: [
        { host: '::1', port: 7_000 },
        { host: 'b', port: 7_001 },
        { host: 'c', port: 6_379 },
      ],
    });
  });

  it('is not that of a Cluster behind Sentinels', () => {
    expect(() => redisAddress('redis://a?cluster=true&sentinel=main')).toThrow('a Cluster and a Sentinel');
  });
});

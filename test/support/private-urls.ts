import fc from 'fast-check';

/** One address of each kind that must not be reached. */
export const PRIVATE_V4 = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '168.63.129.16',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
];
export const PRIVATE_V6 = [
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd00:ec2::254',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  'ff02::1',
];
export const NAMES = [
  'localhost',
  'localhost.',
  'LOCALHOST',
  'a.localhost',
  'intranet',
  'metadata.google.internal',
  'metadata.google.internal.',
  'instance-data.ec2.internal',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1.nip.io',
  '10-0-0-1.sslip.io',
  'a9fea9fe.nip.io',
  'localtest.me',
  'postgres',
];

const octets = (address: string): number[] => address.split('.').map(Number);
const number = (address: string): number => octets(address).reduce((sum, octet) => sum * 256 + octet, 0);
const hex = (value: number, digits = 0): string => value.toString(16).padStart(digits, '0');

/** Ways to write one IPv4 address. */
export const FORMS: readonly ((address: string) => string)[] = [
  (address) => address,
  (address) => `${address}.`,
  (address) => String(number(address)),
  (address) => `0x${hex(number(address), 8)}`,
  (address) => `0${number(address).toString(8)}`,
  (address) =>
    octets(address)
      .map((octet) => `0x${hex(octet)}`)
      .join('.'),
  (address) =>
    octets(address)
      .map((octet) => `0${octet.toString(8)}`)
      .join('.'),
  (address) =>
    octets(address)
      .map((octet) => `000${octet.toString(8)}`)
      .join('.'),
  (address) => `${octets(address)[0]}.${number(address) % 2 ** 24}`,
  (address) =>
    octets(address)
      .map((octet) =>
        Array.from(String(octet))
          .map((digit) => `%3${digit}`)
          .join(''),
      )
      .join('.'),
  (address) =>
    Array.from(address)
      .map((each) => (each === '.' ? '。' : String.fromCodePoint(0xff10 + Number(each))))
      .join(''),
  (address) => `[::ffff:${address}]`,
  (address) => `[::ffff:${hex(number(address) >>> 16)}:${hex(number(address) % 65_536)}]`,
  (address) => `[0:0:0:0:0:ffff:${address}]`,
  (address) => `[64:ff9b::${address}]`,
  (address) => `[::${address}]`,
  (address) => `[2002:${hex(number(address) >>> 16)}:${hex(number(address) % 65_536)}::1]`,
];

const host = fc.oneof(
  fc.tuple(fc.constantFrom(...PRIVATE_V4), fc.constantFrom(...FORMS)).map(([address, form]) => form(address)),
  fc
    .tuple(fc.constantFrom(...PRIVATE_V6), fc.constantFrom('', '%25eth0', '%eth0', '%251'))
    .map(([address, zone]) => `[${address}${zone}]`),
  fc.constantFrom(...NAMES),
);
/** A URL that leads to none of the public internet, or to nothing at all. */
export const privateUrl = fc
  .record({
    scheme: fc.constantFrom(
      'https://',
      'https://',
      'http://',
      'HTTPS://',
      'https:',
      'https:\\\\',
      ' https://',
      'ftp://',
      'file://',
      '//',
    ),
    user: fc.constantFrom(
      '',
      '',
      '',
      'hooks.example.com@',
      'user:pass@',
      'hooks.example.com%40',
      '@',
      'hooks.example.com\\@',
    ),
    host,
    port: fc.constantFrom('', ':443', ':80', ':22', ':6379', ':0'),
    path: fc.constantFrom(
      '',
      '/',
      '/latest/meta-data/',
      '?a=@hooks.example.com',
      '#@hooks.example.com',
      '/%0d%0aHost:%20a',
    ),
  })
  .map(({ scheme, user, host: name, port, path }) => `${scheme}${user}${name}${port}${path}`);

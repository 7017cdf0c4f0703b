import { uploadTarget } from './upload-url.js';

const UPSTREAM = 'https://chatgpt.com';

describe('an upload URL', () => {
  it.each([
    ['https://files.blob.example.com/a?sig=x%2Fy', 'files.blob.example.com'],
    ['https://files.example.com:8443/a', 'files.example.com'],
    ['HTTPS://Files.Example.COM/a', 'files.example.com'],
    ['https://files.example.com./a', 'files.example.com'],
    ['https://1.1.1.1/a', '1.1.1.1'],
    ['https://[2606:4700::1111]/a', '2606:4700::1111'],
  ])('leads to a host whose addresses are to be looked at: %s', (url, host) => {
    expect(uploadTarget(url, UPSTREAM)).toEqual({ kind: 'host', host, url: new URL(url) });
  });

  it.each([
    ['https://chatgpt.com/upload/1', UPSTREAM],
    ['https://chatgpt.com:443/upload/1', UPSTREAM],
    ['http://127.0.0.1:4010/upload/1', 'http://127.0.0.1:4010'],
  ])('is trusted on the upstream’s own origin: %s', (url, upstream) => {
    expect(uploadTarget(url, upstream)).toEqual({ kind: 'trusted', url: new URL(url) });
  });

  it.each([
    ['no text', 7],
    ['no text', undefined],
    ['no URL', 'files.example.com/a'],
    ['no URL', 'https://'],
    ['not https', 'http://files.example.com/a'],
    ['not https', 'ftp://files.example.com/a'],
    ['not https', 'file:///etc/passwd'],
    ['upstream’s host on another port', 'https://chatgpt.com:8443@10.0.0.1/'],
    ['upstream’s host without TLS', 'http://chatgpt.com/a'],
    ['with a user', 'https://user@files.example.com/a'],
    ['with a password', 'https://user:secret@files.example.com/a'],
    ['with a user, on the upstream', 'https://user@chatgpt.com/a'],
    ['a bare name', 'https://intranet/a'],
    ['localhost', 'https://localhost/a'],
    ['localhost', 'https://localhost./a'],
    ['localhost', 'https://a.localhost/a'],
    ['localhost', 'https://a.LOCALHOST./a'],
    ['loopback', 'https://127.0.0.1/a'],
    ['loopback as one number', 'https://2130706433/a'],
    ['loopback in octal', 'https://0177.0.0.1/a'],
    ['loopback in hexadecimal', 'https://0x7f.1/a'],
    ['loopback with a dot behind', 'https://127.0.0.1./a'],
    ['loopback, IPv6', 'https://[::1]/a'],
    ['loopback, mapped', 'https://[::ffff:127.0.0.1]/a'],
    ['loopback behind NAT64', 'https://[64:ff9b::127.0.0.1]/a'],
    ['private', 'https://192.168.0.1/a'],
    ['cloud metadata', 'https://169.254.169.254/latest/meta-data'],
    ['unique local', 'https://[fd00::1]/a'],
    ['link-local with a zone', 'https://[fe80::1%25eth0]/a'],
    ['a backslash', 'https://files.example.com\\@10.0.0.1/a'],
    ['a tab', 'https://files.exa\tmple.com/a'],
    ['a line break', 'https://files.example.com/a\r\nx: y'],
    ['a space', ' https://files.example.com/a'],
    ['other letters', 'https://127。0。0。1/a'],
    ['one slash', 'https:/files.example.com/a'],
    ['empty labels', 'https://files..example.com/a'],
  ])('is refused: %s, %s', (_, url) => {
    expect(uploadTarget(url, UPSTREAM)).toEqual({ kind: 'refused' });
  });
});

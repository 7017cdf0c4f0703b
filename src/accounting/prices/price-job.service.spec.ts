import { PricesInvalid } from './price-file.js';
import { PriceJob } from './price-job.service.js';
import type { PriceDownload } from './price-download.adapter.js';
import type { PriceImportService } from './price-import.service.js';

const URL = 'https://prices.example.com/list.json?token=secret';
const TOLD = { version: '2099-01-01', models: 1, imported: true, added: 1, changed: 0, removed: 0 };

describe('the job that keeps prices fresh', () => {
  const asked: string[][] = [];
  const download = { text: (url: string) => Promise.resolve(`text of ${url}`) } as PriceDownload;
  const imports = {
    import: (text: string, source: string) => {
      asked.push([text, source]);
      return Promise.resolve(TOLD);
    },
  } as unknown as PriceImportService;
  beforeEach(() => {
    asked.length = 0;
  });

  it('does nothing where nobody publishes prices for us', async () => {
    expect(await new PriceJob(download, imports, { PRICES_URL: undefined }).run()).toEqual({ configured: false });
    expect(asked).toEqual([]);
  });

  it('imports what is published, and keeps no credential of its URL', async () => {
    expect(await new PriceJob(download, imports, { PRICES_URL: URL }).run()).toEqual(TOLD);
    expect(asked).toEqual([[`text of ${URL}`, 'https://prices.example.com/list.json']]);
  });

  it('fails when the list is refused', async () => {
    const refusing = {
      text: () => Promise.reject(new PricesInvalid('The host answered 500.')),
    } as unknown as PriceDownload;
    await expect(new PriceJob(refusing, imports, { PRICES_URL: URL }).run()).rejects.toThrow(PricesInvalid);
  });
});

import { Controller, Get, Header } from '@nestjs/common';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { CatalogService, type PoolCatalog } from '../../upstream/index.js';
import { modelList } from './model-list.js';

/** `GET /v1/models`: what the Pool's accounts may use, from memory. Its query is of no interest. */
@Controller('v1/models')
export class ListModelsController {
  /** Written once for each catalog, and gone with it. */
  private readonly written = new WeakMap<PoolCatalog, string>();

  constructor(private readonly catalog: CatalogService) {}

  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  async list(@Caller() { pool, allowedModels }: Principal): Promise<string> {
    const catalog = await this.catalog.models(pool.id, allowedModels);
    const body = this.written.get(catalog) ?? modelList(catalog);
    this.written.set(catalog, body);
    return body;
  }
}

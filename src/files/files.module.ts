import { Module } from '@nestjs/common';
import { RequestLogModule } from '../accounting/index.js';
import { AuthModule } from '../auth/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { HostResolver } from '../platform/egress/index.js';
import { HttpModule } from '../platform/http/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { ClientFilesController } from './client-files.controller.js';
import { ClientFiles } from './client-files.service.js';
import { FileBridge } from './file-bridge.service.js';
import { FileCompletion } from './file-completion.service.js';
import { FileCreation } from './file-creation.service.js';
import { FileUploads } from './file-upload.service.js';
import { FilesController } from './files.controller.js';
import { UploadTransport } from './upload-transport.service.js';

/** Files that requests refer to: announced, finished, and with the account that holds them. */
@Module({
  imports: [AuthModule, ExchangeModule, HttpModule, RequestLogModule, UpstreamModule],
  controllers: [ClientFilesController, FilesController],
  providers: [ClientFiles, FileBridge, FileCompletion, FileCreation, FileUploads, HostResolver, UploadTransport],
})
export class FilesModule {}

import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { operation, OperationSet, type Operation } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { shownSettings } from '../shown-settings.js';
import { settingView } from '../views/setting-view.js';
import { seesWholeInstance } from '../whole-instance.js';

/** What the process that answers goes by. */
@Injectable()
export class SettingOperations extends OperationSet {
  constructor(@Inject(CONFIG) private readonly config: Config) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'settings.list',
      summary: 'The variables that the process which answers goes by, without secrets',
      method: 'GET',
      path: '/settings',
      scope: 'read',
      input: z.object({ ...PAGE_INPUT, limit: PAGE_INPUT.limit.default(200) }),
      output: pageOf(settingView),
      run: (page, { actor }) => {
        seesWholeInstance(actor);
        return Promise.resolve(pageIn(shownSettings(this.config), page, ({ name }) => name));
      },
    }),
  ];
}

import { fileURLToPath } from 'node:url';
import { describeMessageList } from './testing/message-list-contract.ts';

describeMessageList('MessageList', {
  pagePath: fileURLToPath(new URL('./testing/list-page.tsx', import.meta.url)),
  chromiumPath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
});

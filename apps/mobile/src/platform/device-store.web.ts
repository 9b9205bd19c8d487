import { createMemoryStore, type Report, type Store } from '@couplet/client';
import { openIndexedDbStore } from './indexed-db/indexed-db-store.ts';

/** The browser's database of this deployment. Where there is none (some private windows), one that lasts as long as the page. */
export async function openDeviceStore(serverUrl: string, report: Report): Promise<Store> {
  try {
    return await openIndexedDbStore({ name: `couplet ${new URL(serverUrl).host}`, report });
  } catch (error) {
    report('device database', error);
    report('device database', 'nothing is kept on this device once this page is closed');
    return createMemoryStore();
  }
}

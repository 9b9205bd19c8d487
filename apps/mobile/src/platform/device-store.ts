import { createMemoryStore, type Report, type Store } from '@couplet/client';
import { openSqliteStore, type SqlDatabase } from '@couplet/client/sqlite';
import { openDatabaseAsync } from 'expo-sqlite';

/** The phone's SQLite database of this deployment. Where it cannot be opened, one that lasts as long as the app runs. */
export async function openDeviceStore(serverUrl: string, report: Report): Promise<Store> {
  try {
    return await openSqliteStore({ database: await openExpoSqlite(fileName(serverUrl)), report });
  } catch (error) {
    report('device database', error);
    report('device database', 'nothing is kept on this device once the app is closed');
    return createMemoryStore();
  }
}

async function openExpoSqlite(name: string): Promise<SqlDatabase> {
  // A connection of its own: the messenger of the same server that is just closing still has the other one.
  const database = await openDatabaseAsync(name, { useNewConnection: true });
  return {
    query: (statement, parameters) => database.getAllAsync<Record<string, unknown>>(statement, [...parameters]),
    close: () => database.closeAsync(),
  };
}

/** One file per deployment: the rows of two servers have nothing to do with each other. */
function fileName(serverUrl: string): string {
  return `couplet-${serverUrl.replace(/^https?:\/\//, '').replaceAll(/[^a-z0-9.-]+/gi, '-')}.db`;
}

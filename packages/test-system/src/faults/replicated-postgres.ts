import { mkdir } from 'node:fs/promises';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { openOwnPostgres, type OwnPostgres } from '@couplet/server/test/own-postgres';
import { openStandby } from '@couplet/server/test/standby-postgres';
import { StreamProxy } from './stream-proxy.ts';

/** A primary whose commits wait for its standby, behind an address that leads to whichever of the two leads. */
export interface ReplicatedPostgres extends OwnPostgres {
  readonly hasFailedOver: boolean;
  /**
   * The primary is gone with its machine: connections to it stay open and nobody
   * answers. The standby is promoted, and the address leads there. Once.
   */
  failOver(): Promise<void>;
}

/** @param folder an empty one */
export async function openReplicatedPostgres(folder: string): Promise<ReplicatedPostgres> {
  const [primaryFolder, standbyFolder] = [join(folder, 'primary'), join(folder, 'standby')];
  await mkdir(primaryFolder);
  await mkdir(standbyFolder);
  const primary = await openOwnPostgres(primaryFolder);
  const standby = await openStandby(primary, standbyFolder);
  await primary.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  await primary.query('SELECT pg_reload_conf()');
  const proxy = await StreamProxy.open(socketOf(primary.url));
  let leading: OwnPostgres = primary;
  const { username, pathname } = new URL(primary.url.replace(/@[^/]+/, '@host'));
  return {
    url: `postgresql://${username}@127.0.0.1:${proxy.port}${pathname}`,
    get hasFailedOver() {
      return leading === standby;
    },
    query: (statement, values) => leading.query(statement, values),
    kill: () => leading.kill(),
    pause: () => leading.pause(),
    resume: () => leading.resume(),
    async failOver() {
      if (leading === standby) throw new Error('There is no second standby');
      await proxy.divide();
      await primary.die();
      await standby.promote();
      leading = standby;
      await proxy.lead(socketOf(standby.url));
    },
    die: () => leading.die(),
    async close() {
      await proxy.close();
      // The primary first: without its standby it would wait for it.
      if (leading === primary) await primary.close();
      await standby.close();
    },
  };
}

function socketFolderOf(url: string): string {
  return decodeURIComponent(/@([^/]+)\//.exec(url)?.[1] ?? '');
}

function socketOf(url: string): NetConnectOpts {
  return { path: join(socketFolderOf(url), '.s.PGSQL.5432') };
}

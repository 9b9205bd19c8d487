import { join } from 'node:path';
import type { Config } from '../config.ts';
import { ConfigError } from '../config/config-error.ts';
import type { BlobLinks } from './blob-links.ts';
import type { BlobStore } from './blob-store.ts';
import { DiskBlobStore } from './disk-blob-store.ts';
import { S3BlobStore } from './s3-blob-store.ts';

/**
 * The S3 that is configured, or a folder under DATA_DIR.
 *
 * @throws ConfigError when an S3 is only half configured
 */
export function openBlobStore(config: Config, links: BlobLinks, now: () => number): BlobStore {
  const { s3Bucket: bucket, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey, s3Endpoint: endpoint } = config;
  if (bucket === undefined) {
    if (endpoint !== undefined) throw new ConfigError('S3_BUCKET', 'is missing: S3_ENDPOINT alone names no bucket');
    if (config.cdnUrl !== undefined) throw new ConfigError('CDN_URL', 'needs S3_BUCKET: there is no bucket it could serve');
    return new DiskBlobStore(join(config.dataDir, 'blobs'), links);
  }
  if (accessKeyId === undefined) throw new ConfigError('S3_ACCESS_KEY_ID', 'is missing, and S3_BUCKET needs it');
  if (secretAccessKey === undefined) throw new ConfigError('S3_SECRET_ACCESS_KEY', 'is missing, and S3_BUCKET needs it');
  return new S3BlobStore({ endpoint, region: config.s3Region, bucket, accessKeyId, secretAccessKey, pathStyle: isPathStyle(config), now });
}

/** Origins, besides this server's, that the web app puts to and loads from. */
export function mediaOrigins(config: Config): string[] {
  const { s3Bucket, s3Endpoint, s3Region, cdnUrl } = config;
  if (s3Bucket === undefined) return [];
  const endpoint = new URL(s3Endpoint ?? `https://s3.${s3Region}.amazonaws.com`);
  const bucket = isPathStyle(config) ? endpoint.origin : `${endpoint.protocol}//${s3Bucket}.${endpoint.host}`;
  return cdnUrl === undefined ? [bucket] : [bucket, new URL(cdnUrl).origin];
}

function isPathStyle({ s3PathStyle, s3Endpoint }: Config): boolean {
  return s3PathStyle ?? s3Endpoint !== undefined;
}

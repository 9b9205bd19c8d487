import { LIMITS } from '@couplet/protocol';
import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { anyText, baseUrl, trueOrFalse, wholeNumber } from './option-values.ts';

const MEBIBYTE = 1024 * 1024;

export const ATTACHMENT_OPTIONS = {
  s3Endpoint: option({
    name: 'S3_ENDPOINT',
    type: 'url',
    fallback: 'that of Amazon for S3_REGION',
    sentence: 'The S3 that keeps attachments, as browsers and this server reach it.',
    parse: baseUrl,
  }),
  s3Region: option({
    name: 'S3_REGION',
    type: 'word',
    fallback: 'us-east-1',
    sentence: 'The region of the bucket.',
    parse: (given = 'us-east-1') => given,
  }),
  s3Bucket: option({
    name: 'S3_BUCKET',
    type: 'word',
    fallback: 'none: attachments are files under DATA_DIR',
    sentence: 'The bucket for attachments.',
    parse: (given, name) => {
      if (given !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(given)) throw new ConfigError(name, 'must be the name of a bucket');
      return given;
    },
  }),
  s3AccessKeyId: option({
    name: 'S3_ACCESS_KEY_ID',
    type: 'word',
    fallback: 'none',
    sentence: 'Who this server is to the S3.',
    parse: anyText,
  }),
  s3SecretAccessKey: option({
    name: 'S3_SECRET_ACCESS_KEY',
    type: 'secret',
    fallback: 'none',
    sentence: 'The secret that belongs to S3_ACCESS_KEY_ID.',
    parse: anyText,
  }),
  s3PathStyle: option({
    name: 'S3_PATH_STYLE',
    type: 'true|false',
    fallback: 'true with S3_ENDPOINT, otherwise false',
    sentence: 'Whether the bucket is a part of the path, not of the host name.',
    parse: (given, name) => (given === undefined ? undefined : trueOrFalse(given, name)),
  }),
  cdnUrl: option({
    name: 'CDN_URL',
    type: 'url',
    fallback: 'none: signed links that expire',
    sentence: 'Where a CDN in front of the bucket serves it; whoever has such a URL can read the file for as long as it exists.',
    parse: baseUrl,
  }),
  imageMaxBytes: option({
    name: 'IMAGE_MAX_BYTES',
    type: 'number',
    fallback: '26214400',
    sentence: 'The largest picture taken.',
    parse: wholeNumber(25 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  videoMaxBytes: option({
    name: 'VIDEO_MAX_BYTES',
    type: 'number',
    fallback: '209715200',
    sentence: 'The largest video taken.',
    parse: wholeNumber(200 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  fileMaxBytes: option({
    name: 'FILE_MAX_BYTES',
    type: 'number',
    fallback: '104857600',
    sentence: 'The largest other file taken.',
    parse: wholeNumber(100 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  avatarMaxBytes: option({
    name: 'AVATAR_MAX_BYTES',
    type: 'number',
    fallback: '8388608',
    sentence: 'The largest photo of a person taken.',
    parse: wholeNumber(8 * MEBIBYTE, 1, LIMITS.uploadBytes),
  }),
  uploadQuotaBytes: option({
    name: 'UPLOAD_QUOTA_BYTES',
    type: 'number',
    fallback: '10737418240',
    sentence: 'What one person may have stored in all.',
    parse: wholeNumber(10 * 1024 * MEBIBYTE, 0, Number.MAX_SAFE_INTEGER),
  }),
  keepOriginals: option({
    name: 'KEEP_ORIGINALS',
    type: 'true|false',
    fallback: 'true',
    sentence: 'Whether pictures are also kept as they were uploaded, with what the camera wrote into them; nobody is given those.',
    parse: (given = 'true', name) => trueOrFalse(given, name),
  }),
};

import { downloadFile } from '../platform/download-file.ts';
import { FileDownloads } from './file-downloads.ts';

/** The files that are brought to this device. */
export const deviceDownloads = new FileDownloads(downloadFile);

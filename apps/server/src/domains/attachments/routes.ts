import { ENDPOINTS } from '@couplet/protocol';
import { defineRoute, type Route } from '../../http/define-route.ts';
import { cancelUpload } from './cancel-upload.ts';
import { completeUpload, type CompleteUploadNeeds } from './complete-upload.ts';
import { getUpload } from './get-upload.ts';
import { presignUpload, type PresignUploadNeeds } from './presign-upload.ts';
import { reportPart } from './report-part.ts';
import { findVisibleAttachments } from './uploads-repository.ts';

export type AttachmentRouteNeeds = Omit<PresignUploadNeeds, 'pool'> & CompleteUploadNeeds;

export function attachmentRoutes(needs: AttachmentRouteNeeds): Route[] {
  return [
    defineRoute(ENDPOINTS.presignUpload, async ({ viewer, body }) => ({ status: 201, body: await presignUpload(needs, viewer.userId, body) })),
    defineRoute(ENDPOINTS.getUpload, async ({ viewer, params }) => ({ status: 200, body: await getUpload(needs, viewer.userId, params.id) })),
    defineRoute(ENDPOINTS.reportUploadPart, async ({ viewer, params, body }) => {
      await reportPart(needs, viewer.userId, { uploadId: params.id, partNumber: params.partNumber, etag: body.etag });
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.completeUpload, async ({ viewer, params }) => ({ status: 200, body: await completeUpload(needs, viewer.userId, params.id) })),
    defineRoute(ENDPOINTS.deleteUpload, async ({ viewer, params }) => {
      await cancelUpload(needs, viewer.userId, params.id);
      return { status: 204, body: null };
    }),
    defineRoute(ENDPOINTS.listAttachments, async ({ viewer, query }) => {
      const found = await findVisibleAttachments(needs.pool, viewer.userId, query.ids);
      return { status: 200, body: { items: found.map((stored) => needs.attachmentLinks.view(stored)) } };
    }),
  ];
}

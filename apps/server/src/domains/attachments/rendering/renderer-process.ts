import { renderPictures, type RenderRequest } from './render-pictures.ts';

/** The other end of `PictureRenderer`: one request at a time, until the parent is gone. */
process.on('message', (request: RenderRequest) => {
  renderPictures(request).then(
    (rendered) => process.send?.({ status: 'rendered', rendered }),
    (error: unknown) => process.send?.({ status: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

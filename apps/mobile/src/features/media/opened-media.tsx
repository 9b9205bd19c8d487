import { lazy, Suspense } from 'react';
import { useAppSelector } from '../../state/store.ts';

const loadViewer = () => import('./media-viewer-host.tsx');
const MediaViewerHost = lazy(() => loadViewer().then((loaded) => ({ default: loaded.MediaViewerHost })));

/** The viewer over every screen. It is split off the first load, with the gestures that only it needs. */
export function OpenedMedia() {
  const opened = useAppSelector((state) => state.openedMedia.opened);
  if (!opened) return null;
  return (
    <Suspense fallback={null}>
      <MediaViewerHost key={`${opened.conversationId} ${opened.attachmentId}`} opened={opened} />
    </Suspense>
  );
}
